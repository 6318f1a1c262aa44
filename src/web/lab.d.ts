/** A run of the gradient lab. */
export interface LabConfig {
  /**
   * "linear": linear layers on the 28×28 pixels; "convolutional": 3×3 convolutions on 14×14 pixels, then the mean of each channel;
   * "lenet5": LeNet-5, whose depth, width, activation function and additions are its own.
   */
  family: "linear" | "convolutional" | "lenet5";
  /** Number of hidden layers, 2 to 50. */
  depth: number;
  /** Units or channels of a hidden layer, 1 to 512. */
  width: number;
  /** The activation function of the hidden layers. */
  activation: "sigmoid" | "tanh" | "relu";
  /**
   * The normal distribution that the first weights are drawn from: standard deviation 0.01 ("small") or 1 ("unit"), variance
   * 2 / (inputs + outputs) ("xavier"), variance 2 / inputs ("he").
   */
  initialisation: "small" | "unit" | "xavier" | "he";
  /** Whether batch normalisation follows each hidden layer. */
  batchNorm: boolean;
  /** The probability with which an output of a hidden layer is dropped, at least 0 and less than 1. */
  dropout: number;
  /** Whether pairs of hidden layers have a shortcut around them: the second and third, the fourth and fifth, and so on. The first layer, and the last one where the number is even, have none. */
  shortcuts: boolean;
  /** Whether there are auxiliary classifiers at a third and at two thirds of the depth, whose losses count 0.3 each. Of two hidden layers, only the first has one. */
  auxiliary: boolean;
  /** Plain gradient descent, the momentum 0.9, or Adam with the shares 0.9 and 0.999. */
  optimiser: "sgd" | "momentum" | "adam";
  /** Learning rate, greater than 0 and at most 1000. */
  rate: number;
  /** Limits for gradients: of their norm over all parameters, or of each value; greater than 0 and at most 1000. */
  clipping: "none" | { norm: number } | { value: number };
  /** Digits in a batch, 1 to 1024. */
  batch: number;
  /** Of all random numbers, a whole number that is not negative. Two runs with one seed, one size of batches and one number of digits see the same batches. */
  seed: number;
  /** How many of the digits are trained with, from 1 to the number of those in the file. */
  digits: number;
}

/** What a step of training tells. Arrays have one number for each layer with weights, in the order of Lab.layers. */
export interface LabStep {
  /** Its number, which starts at 1. */
  step: number;
  /** The loss of the batch before the step, with those of auxiliary classifiers. */
  loss: number;
  /** The share of the batch that was classified right before the step, 0 to 1. */
  accuracy: number;
  /** The norm of the gradient of the loss with respect to the layer's weight, before clipping. */
  gradients: number[];
  /** What only the last step that was asked for tells; null for the others, also where a value that is not finite ended the call before. */
  observed: {
    /** The norm of the change of the weight, divided by the norm of the weight. */
    updates: number[];
    /** Mean and standard deviation of the layer's output, behind normalisation, addition and activation function. */
    means: number[];
    deviations: number[];
    /** The share of units whose activation function lets next to no gradient pass, for every digit of the batch. */
    stuck: number[];
  } | null;
}

/** Where a value stopped being finite. */
export interface LabDivergence {
  /** The number of the step that was not done. */
  step: number;
  /** Its name: one of Lab.layers, or a layer that belongs to one, such as "layer3.norm". */
  layer: string;
  what: "parameters" | "output" | "gradient";
}
