//! A network without its auxiliary outputs.

use super::{Graph, Layer, Node};

impl Graph {
    /// The graph without its auxiliary outputs, and without the layers that only they need. It is the graph as it was where it
    /// has none.
    #[must_use]
    pub fn without_heads(&self) -> Self {
        let needed = self.needed(&[self.output()]);
        let mut graph = Self::new(self.input);
        // For each node of this graph, the node of the new one that has its value.
        let mut moved = vec![Node::INPUT];
        for (layer, needed) in self.layers.iter().zip(needed) {
            if needed {
                let inputs = layer.inputs.iter().map(|node| moved[node.0]).collect();
                graph.layers.push(Layer { inputs, ..layer.clone() });
            }
            moved.push(graph.output());
        }
        graph.cursor = graph.output();
        graph
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use crate::graph::fold::fold;
    use crate::graph::summary::totals;
    use crate::networks::CARDS;
    use crate::networks::googlenet::googlenet;

    #[test]
    fn what_only_auxiliary_outputs_need_is_gone() {
        let (whole, main) = (googlenet(), googlenet().without_heads());
        assert_eq!((whole.heads().len(), main.heads().len()), (2, 0));
        assert_eq!(whole.layers().len() - main.layers().len(), 8, "two outputs of four layers");
        assert!(main.layers().iter().all(|layer| !layer.name.starts_with("loss1") && !layer.name.starts_with("loss2")));
        assert_eq!(totals(&whole).unwrap(), totals(&main).unwrap());
        assert_eq!(main.shapes().unwrap().last(), whole.shapes().unwrap().last());
        assert_eq!(fold(&whole).0.without_heads(), fold(&main).0);
    }

    #[test]
    fn other_networks_stay_as_they_are() {
        for card in CARDS.iter().filter(|card| card.id != "googlenet") {
            assert_eq!((card.graph)().without_heads().layers(), (card.graph)().layers(), "{}", card.id);
        }
    }
}
