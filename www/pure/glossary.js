// @ts-check

/**
 * The terms that the page explains: the one list for the explanations beside them and for the glossary.
 *
 * @typedef {object} Term
 * @property {string} id
 * @property {string} name
 * @property {string} text what it means
 * @property {string[]} [labels] what the page calls it elsewhere: in the heads of tables, beside numbers
 */

/** @type {Term[]} in the order of the alphabet, of their letters alone */
export const TERMS = [
  { id: "activation", name: "Activation", labels: ["Activations", "Activations in memory", "Memory"], text: "The output of a layer: an array of numbers, most often channels × height × width. Activations are kept in memory only until the last layer that reads them has run." },
  { id: "auxiliary", name: "Auxiliary classifier", labels: ["Auxiliary classifiers", "Auxiliary heads"], text: "A second, smaller output that branches off in the middle of a network. In training it feeds the lower layers with a gradient of their own; GoogLeNet has two, which can also be asked for their predictions." },
  { id: "eightBit", name: "8-bit arithmetic", labels: ["Arithmetic"], text: "Multiplying whole numbers of 8 bits in place of floating-point numbers of 32. The input of most layers is rounded for it, to the range of that very input. On the CPU that can take less time; how much less depends on the instructions of the machine, and the benchmark shows it. The price is the rounding: now and then a network names another class." },
  { id: "class", name: "Class", text: "One of the answers that a network can give. Networks for ImageNet know 1,000 classes, LeNet-5 knows the ten digits. Whatever a picture shows, the answer is one of them." },
  { id: "convolution", name: "Convolution", text: "A layer whose small windows of weights slide over its input: the same weights are used at every place of the picture." },
  { id: "stuck", name: "Dead or saturated unit", labels: ["Dead or saturated"], text: "A unit that hardly learns: the output of a dead ReLU is 0 for all pictures, and a saturated sigmoid or tanh is near one of its ends, where its slope is almost 0." },
  { id: "flops", name: "FLOPs", text: "Floating-point operations. A multiplication and an addition are two, so that a network has about twice as many FLOPs as multiply–accumulates. Many papers say FLOPs and mean multiply–accumulates; this page counts the latter." },
  { id: "rate", name: "Frames a second", labels: ["Frames"], text: "How many pictures are answered in a second. Of the camera it is counted over the last three seconds; in the benchmark it is 1 divided by the time of preprocessing and inference together, each its median." },
  { id: "gmac", name: "GMAC a second", labels: ["GMAC"], text: "10⁹ multiply–accumulates a second: how fast a device computes a network. Small layers rarely reach the speed that a device is advertised with." },
  { id: "gradient", name: "Gradient", labels: ["Gradient norm"], text: "How much the loss would change if a weight were changed a little. Training changes every weight against its gradient. The norm of a layer's gradient is the square root of the sum of its squares." },
  { id: "imagenet", name: "ImageNet", text: "A collection of photos in 1,000 classes, and the challenge from 2010 to 2017 in which networks were compared on it. Accuracies on this page are those of its 50,000 validation pictures, except LeNet-5's, which is of MNIST." },
  { id: "inference", name: "Inference", text: "Computing a network's answer to a picture. Its time goes from the input that is ready for the network until its outputs have been read back from the device. Preprocessing is not part of it. Every time of a row of the benchmark is one of inferences, unless it says otherwise." },
  { id: "interval", name: "95 % interval", labels: ["95 %"], text: "A range that comes from the measured values and would contain the true one in 95 of 100 repetitions. A wide interval means that more measurements are needed." },
  { id: "kernel", name: "Kernel and stride", labels: ["Kernel"], text: "The side of the windows that a layer looks through, and the distance between one window and the next, in pixels. A stride of 2 halves the width and the height." },
  { id: "latency", name: "Latency", labels: ["Total", "Time of one"], text: "How long one picture takes, from its pixels to the answer: preprocessing and inference together. It says nothing of several pictures at a time. The benchmark times the inference, and the preprocessing apart." },
  { id: "logits", name: "Logits", text: "The numbers that a network's last layer gives, one for each class, before softmax turns them into shares. The greatest one is the network's answer." },
  { id: "loss", name: "Loss", text: "How far a network's answers are from the right ones, as one number that training makes smaller. Here it is the cross-entropy: minus the logarithm of the share that the right class got." },
  { id: "median", name: "Median", text: "The value in the middle: half of the runs were quicker, half were slower. A few disturbed runs do not move it, as they would move a mean." },
  { id: "mnist", name: "MNIST", text: "70,000 handwritten digits of 28 × 28 pixels, on which LeNet-5 was trained. 10,000 of them are for testing." },
  { id: "macs", name: "Multiply–accumulates", labels: ["MACs"], text: "Multiplying two numbers and adding the product to a sum: nearly all the work of a network. Their number is a measure of its size that no device changes; how long they take is another matter." },
  { id: "p90", name: "p90", text: "The 90th percentile: nine of ten runs took at most this long. It shows what the median hides, such as runs that other programs disturbed." },
  { id: "parameters", name: "Parameters", text: "The numbers that a network has learned: the weights and biases of its layers. They decide how large its file is, and not how long it takes." },
  { id: "preprocessing", name: "Preprocessing", labels: ["Preprocess"], text: "Making a network's input of a picture: cutting out the square in the middle, resizing it as the network's authors did, and scaling the colours. For LeNet-5, which reads digits, the ink is told from the paper instead, and what is written is cut out, made as large as MNIST's digits and centred." },
  { id: "quantisation", name: "Quantisation", text: "Storing weights with fewer bits. Here they are mostly whole numbers of 8 bits with a scale for each output channel, a quarter of the size of single precision. The official weights are compared with the result on photos." },
  { id: "random", name: "Random weights", text: "Numbers in place of what a network has learned, where this server has no file of it. Speed, size and memory are the real ones; an answer would mean nothing, so that none is given." },
  { id: "field", name: "Receptive field", labels: ["Sees"], text: "The square of the input that one element of a layer's output depends on. It grows from layer to layer; it may be larger than the picture." },
  { id: "softmax", name: "Softmax", text: "Turns logits into shares that add up to 100 %: each is raised to a power of e and divided by the sum of all. A share compares the classes that the network knows with one another. It is not the chance that the answer is right: a network can give 98 % to a class for a picture that shows none of its classes." },
  { id: "threads", name: "Threads", text: "Parts of a program that compute at the same time, each on a core of the CPU. Each layer's output is divided among them, and the next layer begins when all have finished theirs. Two threads take more than half the time of one, and more of them than the machine has quick cores gain nothing." },
  { id: "top1", name: "Top-1 accuracy", labels: ["Top-1", "Published top-1"], text: "The share of test pictures for which the class that the network names first is the right one." },
  { id: "top5", name: "Top-5 accuracy", labels: ["Top-5", "Published top-5"], text: "The share of test pictures whose class is among the five that the network names first. ImageNet's challenge was decided by it, because many photos show more than one thing." },
  { id: "warmup", name: "Warm-up", labels: ["First run", "First"], text: "What only the first run of a network has to do: it takes memory, fills caches, and with WebGPU it may compile shaders. Its time stands apart because it is not typical." },
  { id: "simd", name: "WebAssembly SIMD", text: "How this page computes on the CPU: compiled code in the browser whose instructions work on four numbers at a time, in one thread or in several." },
  { id: "webgpu", name: "WebGPU", text: "How a page computes on the graphics card. A software adapter is a WebGPU that computes on the CPU after all, and is slow." },
  { id: "weights", name: "Weights", labels: ["Weights in memory"], text: "The parameters by which a layer multiplies its input. In memory they can take more than in the file, because kernels store them in the form in which they are quickest." },
];

/** @type {Map<string, Term>} by their names and by what the page calls them */
const BY_LABEL = new Map(TERMS.flatMap((term) => [term.name, ...(term.labels ?? [])].map((label) => [label, term])));

/** @param {string} label */
export const termCalled = (label) => BY_LABEL.get(label);

/** @param {string} id */
export const termOf = (id) => TERMS.find((term) => term.id === id);
