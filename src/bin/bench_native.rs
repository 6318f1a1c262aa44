//! The engine's kernels on this machine, without a browser. On the graphics device: each layer's time and speed against
//! the device's measured peak, and quantised linear layers against single precision. On the CPU: each network's time.

use std::borrow::Cow;
use std::rc::Rc;
use std::time::Instant;

use clap::Parser;
use convscope::engine::kernels::webgpu::{Gpu, WebGpuNetwork, peak};
use convscope::engine::profile::waves;
use convscope::engine::random;
use convscope::engine::{Device, Network};
use convscope::error::Result;
use convscope::graph::summary::{LayerSummary, summary};
use convscope::graph::tensors::TensorSpec;
use convscope::graph::{Graph, Op};
use convscope::networks::card;
use convscope::weights::Tensor;

#[derive(Parser)]
#[command(about = "Times the WebGPU kernels layer by layer, or the CPU's kernels")]
struct Arguments {
    /// Networks, with random weights
    #[arg(default_values_t = ["resnet18", "resnet50", "vgg16", "googlenet", "alexnet", "efficientnet_lite0"].map(String::from))]
    networks: Vec<String>,
    /// Time the CPU's kernels instead
    #[arg(long, conflicts_with_all = ["half", "layers"])]
    cpu: bool,
    /// Store and multiply in half precision
    #[arg(long)]
    half: bool,
    /// Runs of each measurement, whose median counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Also print every layer
    #[arg(long)]
    layers: bool,
}

/// Of random weights.
const SEED: u64 = 1;

fn main() {
    if let Err(error) = pollster::block_on(run(&Arguments::parse())) {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    if arguments.cpu {
        for id in &arguments.networks {
            cpu_network(id, arguments.runs).await?;
        }
        return Ok(());
    }
    let (gpu, name) = Gpu::native(arguments.half).await?;
    let gpu = Rc::new(gpu);
    let peak = peak(&gpu, &clock()).await?;
    println!("{name}");
    println!("measured peak: {:.1} GFLOP/s in single precision", peak / 1e9);
    for id in &arguments.networks {
        network(id, arguments, &gpu, peak).await?;
    }
    Ok(())
}

/// Times a network on the CPU. The hash of the logits' bits tells whether two builds of this program give the same answers.
async fn cpu_network(id: &str, runs: usize) -> Result<()> {
    let network = Network::random(card(id)?.inference(), SEED, &Device::Cpu)?;
    let input = waves(network.graph().input());
    // The first run makes the memory.
    let logits = network.logits(input.clone()).await?;
    let mut times = Vec::new();
    for _ in 0..runs.max(1) {
        let input = input.clone();
        let clock = Instant::now();
        network.logits(input).await?;
        times.push(clock.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let (median, least, hash) = (times[times.len() / 2] * 1e3, times[0] * 1e3, hash(&logits));
    println!("{id}: median {median:.2} ms, least {least:.2} ms; logits {hash:016x}");
    Ok(())
}

/// FNV-1a of the logits' bits.
fn hash(logits: &[f32]) -> u64 {
    let bytes = logits.iter().flat_map(|logit| logit.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

async fn network(id: &str, arguments: &Arguments, gpu: &Rc<Gpu>, peak: f64) -> Result<()> {
    let graph = card(id)?.inference();
    let output = [graph.output()];
    let rows = summary(&graph)?;
    let values = |tensor: &TensorSpec| Ok(Cow::Owned(random::tensor(tensor, SEED)));
    let network = WebGpuNetwork::new(graph.clone(), values, gpu)?;
    let input = waves(graph.input());
    let clock = Instant::now();
    let logits = network.run(&input, &output).await?;
    let first = clock.elapsed().as_secs_f64();
    let mut times = Vec::new();
    for _ in 0..arguments.runs.max(1) {
        let clock = Instant::now();
        network.run(&input, &output).await?;
        times.push(clock.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    let needed = graph.needed(&output);
    let macs: u64 = rows.iter().zip(&needed).filter(|(_, needed)| **needed).map(|(row, _)| row.macs).sum();
    let speed = 2.0 * macs as f64 / median;
    println!(
        "\n{id}: median {:.2} ms with read-back, first {:.0} ms; {:.1} GFLOP/s, {:.0} % of the peak; logits {:016x}",
        median * 1e3,
        first * 1e3,
        speed / 1e9,
        speed / peak * 100.0,
        logits.first().map_or(0, |logits| hash(logits))
    );

    let layers = layer_times(&graph, &network, arguments.runs).await?;
    if arguments.layers {
        println!("| layer | kind | output | ms | GFLOP/s | of the peak |\n|---|---|---|---|---|---|");
        layers.iter().for_each(|&(layer, milliseconds)| println!("{}", line(&rows[layer], milliseconds, peak)));
    }
    let linear = |layers: &[(usize, f64)]| -> f64 {
        let is_linear = |layer: usize| matches!(graph.layers()[layer].op, Op::Linear(_));
        layers.iter().filter(|(layer, _)| is_linear(*layer)).map(|(_, milliseconds)| milliseconds).sum()
    };
    let quantised = linear(&layers);
    drop(network);
    let single = |tensor: &TensorSpec| Ok(Cow::Owned(Tensor::F32(random::tensor(tensor, SEED).dequantise())));
    let network = WebGpuNetwork::new(graph.clone(), single, gpu)?;
    let exact = linear(&layer_times(&graph, &network, arguments.runs).await?);
    println!(
        "linear layers: {:.2} ms from 8 bits, {:.2} ms in {} precision: {:.2}",
        quantised,
        exact,
        if arguments.half { "half" } else { "single" },
        quantised / exact
    );
    Ok(())
}

/// A clock in milliseconds.
fn clock() -> impl Fn() -> f64 {
    let start = Instant::now();
    move || start.elapsed().as_secs_f64() * 1e3
}

/// The layers on the way to the main output that have a kernel of their own, and their milliseconds.
async fn layer_times(graph: &Graph, network: &WebGpuNetwork, runs: usize) -> Result<Vec<(usize, f64)>> {
    let times = network.profile(&waves(graph.input()), runs, &clock(), async |_, _| Ok(())).await?;
    let needed = graph.needed(&[graph.output()]);
    let main = times.into_iter().enumerate().filter(|(layer, _)| needed[*layer]);
    Ok(main.filter_map(|(layer, time)| Some((layer, time?))).collect())
}

/// A row of the table; a fast convolution counts the multiplications that it saves.
fn line(row: &LayerSummary, milliseconds: f64, peak: f64) -> String {
    let speed = 2.0 * row.macs as f64 / (milliseconds / 1e3);
    let (speed, share) = match row.macs {
        0 => (String::from("–"), String::from("–")),
        _ => (format!("{:.1}", speed / 1e9), format!("{:.0} %", speed / peak * 100.0)),
    };
    format!("| {} | {} | {} | {milliseconds:.3} | {speed} | {share} |", row.name, row.kind, row.output)
}
