use convscope::lab::{Config, Lab};
use convscope::train::{digits::Digits, mnist};
use rand::{SeedableRng, seq::SliceRandom};
use std::time::Instant;
fn subset(all: &Digits, count: usize, seed: u64) -> Digits {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.shuffle(&mut rand::rngs::StdRng::seed_from_u64(seed));
    let chosen = &order[..count];
    Digits::new(
        chosen.iter().flat_map(|&i| all.picture(i).to_vec()).collect(),
        chosen.iter().map(|&i| all.labels()[i]).collect(),
    )
    .unwrap()
}
fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let train = subset(&mnist::training(&folder).unwrap(), 6000, 1);
    let test = subset(&mnist::test(&folder).unwrap(), 1000, 1);
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let Some((head, json)) = line.split_once('|') else { continue };
        let mut parts = head.split_whitespace();
        let name = parts.next().unwrap();
        let steps: usize = parts.next().unwrap().parse().unwrap();
        let every: usize = parts.next().unwrap().parse().unwrap();
        let base = serde_json::json!({"family":"linear","depth":20,"width":64,"activation":"relu","initialisation":"he","batchNorm":false,"dropout":0.0,"shortcuts":false,"auxiliary":false,"optimiser":"sgd","rate":0.05,"clipping":"none","batch":32,"seed":1,"digits":6000});
        let mut config = base.as_object().unwrap().clone();
        for (k, v) in serde_json::from_str::<serde_json::Value>(json).unwrap().as_object().unwrap() {
            config.insert(k.clone(), v.clone());
        }
        let config: Config = serde_json::from_value(config.into()).unwrap();
        let mut lab = Lab::new(config, train.clone(), test.clone(), burn::tensor::Device::flex()).unwrap();
        let start = Instant::now();
        let mut done = 0;
        while done < steps && lab.diverged().is_none() {
            let reports = pollster::block_on(lab.step(every)).unwrap();
            done += every;
            let Some(last) = reports.last() else { break };
            let (first, end) = (last.layers[0].gradient, last.layers[last.layers.len() - 1].gradient);
            let mean = reports.iter().map(|r| r.loss).sum::<f32>() / reports.len() as f32;
            let acc = reports.iter().map(|r| r.accuracy).sum::<f32>() / reports.len() as f32;
            let (test, loss) = pollster::block_on(lab.test()).unwrap();
            let stuck = last.layers[last.layers.len() / 2].activation.map(|a| a.stuck);
            println!(
                "{name} {:5} loss {mean:9.4} acc {acc:.3} test {test:.3} {loss:.3} grad {first:.2e} / {end:.2e} = {:.2e} upd {:.1e} stuck {stuck:?}",
                last.step,
                first / end,
                last.layers[0].update.unwrap_or(0.0)
            );
        }
        if let Some(d) = lab.diverged() {
            println!("{name} {d}");
        }
        println!("{name} {:.2} ms a step", start.elapsed().as_secs_f64() * 1000.0 / done as f64);
    }
}
