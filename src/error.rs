//! One error type. Each message is a sentence for the person in front of the page: what is wrong and what to do.

use thiserror::Error;

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong. [`Error::code`] is stable and part of the JavaScript API.
#[derive(Debug, Error)]
pub enum Error {
    /// No WebGPU adapter.
    #[error("This browser offers no WebGPU adapter ({0}). Choose the CPU, or open the page in a browser with WebGPU.")]
    NoWebGpu(String),
    /// A device name other than those that exist.
    #[error("There is no device called \"{0}\". Ask for webgpu, cpu or auto.")]
    UnknownDevice(String),
    /// A name of an arithmetic that does not exist, or that burn does not have.
    #[error(
        "There is no arithmetic called \"{0}\" here. Ask for f32, or for int8 with ConvScope's own kernels: burn computes in f32 only."
    )]
    UnknownArithmetic(String),
    /// The device's answers differ from the CPU's.
    #[error(
        "WebGPU gives wrong results on this machine ({0}). Choose the CPU; a newer browser or graphics driver may help."
    )]
    WrongResults(String),
    /// The device stopped working.
    #[error("The graphics device was lost ({0}). Reload the page; if it happens again, choose the CPU.")]
    DeviceLost(String),
    /// A thread that computed a share stopped.
    #[error("One of the engine's threads stopped. Start a new engine in a new worker; the page does so by itself.")]
    ThreadLost,
    /// A network of which the device cannot hold a part.
    #[error(
        "This network needs {} MB in one piece, and this graphics device gives {} MB at most. Choose weights of fewer bits where there are some, a smaller network, or the CPU.",
        needed.div_ceil(1_000_000),
        most / 1_000_000
    )]
    TooLarge {
        /// Bytes of its greatest buffer.
        needed: u64,
        /// Bytes of the greatest buffer that the device allows.
        most: u64,
    },
    /// A network that takes more memory than WebAssembly gets here.
    #[error(
        "This network takes {} MB of memory, which this browser does not give any more. Close other networks and tabs, or choose weights of fewer bits where there are some, or a smaller network.",
        .0.div_ceil(1_000_000)
    )]
    NoRoom(u64),
    /// Memory ran out.
    #[error("There is not enough memory for this ({0}). Close other tabs or choose a smaller network.")]
    OutOfMemory(String),
    /// Weights that do not fit the network, or are damaged.
    #[error(
        "These weights cannot be used: {0}. Load the file again; if that does not help, convert the official weights again."
    )]
    BadWeights(String),
    /// An id that no card has.
    #[error("There is no network called \"{0}\". The ids are listed on the cards.")]
    UnknownNetwork(String),
    /// A network that was not loaded.
    #[error("The network \"{0}\" is not loaded. Load its weights first.")]
    NotLoaded(String),
    /// A prediction asked of random weights.
    #[error(
        "\"{0}\" has random weights, with which only its speed and size can be measured. Load its official weights to predict."
    )]
    RandomWeights(String),
    /// Digits to train with that cannot be read, or settings that no network can be trained with.
    #[error("This cannot be trained: {0}. Choose other settings, or load the page's data again.")]
    BadData(String),
    /// A run of which two things are asked at once.
    #[error("The run is still busy with what was asked of it before. Wait until that has ended.")]
    Busy,
    /// A frame without pixels, beyond the greatest size, or whose size does not match its bytes.
    #[error("This picture cannot be used: {0}. Choose another picture.")]
    BadFrame(String),
    /// Something asked of the frame that a network saw last, before it has seen one.
    #[error("The network \"{0}\" has not seen a picture yet. Have it classify one first.")]
    NoFrame(String),
    /// A name that no layer of the network has.
    #[error("The network has no layer called \"{0}\". Engine.layers lists their names.")]
    UnknownLayer(String),
    /// A number that no class of the network has.
    #[error("The network has no class number {index}: its {count} classes are counted from 0.")]
    UnknownClass {
        /// The number.
        index: usize,
        /// How many classes there are.
        count: usize,
    },
    /// An attention map by gradients, asked of the engine build.
    #[error("This map needs gradients, which only burn computes. Choose burn, or ask for an occlusion map.")]
    NeedsGradients,
    /// An attention map that this network does not have.
    #[error("There is no such map of this network: {0}.")]
    NoMap(String),
    /// The times of the layers, asked of burn.
    #[error(
        "burn runs the layers as one computation and does not time them one by one. Choose ConvScope's own kernels."
    )]
    NoProfile,
    /// The caller has cancelled what it asked for.
    #[error("It was cancelled. Ask again to start anew.")]
    Cancelled,
    /// A graph whose layers do not fit together.
    #[error("Layer \"{layer}\" does not fit: {reason}. The network's file needs mending.")]
    BadGraph {
        /// The layer's name.
        layer: String,
        /// What does not fit.
        reason: String,
    },
    /// A bug in this program or below it.
    #[error("Something went wrong inside ({0}). Reload the page; please report it if it happens again.")]
    Internal(String),
}

impl Error {
    /// The stable code of the JavaScript API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoWebGpu(_) => "no-webgpu",
            Self::UnknownDevice(_) => "unknown-device",
            Self::UnknownArithmetic(_) => "unknown-arithmetic",
            Self::WrongResults(_) => "wrong-results",
            Self::DeviceLost(_) => "device-lost",
            Self::ThreadLost => "crashed",
            Self::OutOfMemory(_) | Self::TooLarge { .. } | Self::NoRoom(_) => "out-of-memory",
            Self::BadWeights(_) => "bad-weights",
            Self::UnknownNetwork(_) => "unknown-network",
            Self::NotLoaded(_) => "not-loaded",
            Self::RandomWeights(_) => "random-weights",
            Self::BadData(_) => "bad-data",
            Self::Busy => "busy",
            Self::BadFrame(_) => "bad-frame",
            Self::NoFrame(_) => "no-frame",
            Self::UnknownLayer(_) => "unknown-layer",
            Self::UnknownClass { .. } => "unknown-class",
            Self::NeedsGradients => "needs-gradients",
            Self::NoMap(_) => "no-map",
            Self::NoProfile => "no-profile",
            Self::Cancelled => "cancelled",
            Self::BadGraph { .. } | Self::Internal(_) => "internal",
        }
    }
}
