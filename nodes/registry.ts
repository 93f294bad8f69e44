/** Every node, sorted as in the palette. A new one is a file, a line here, a case in the test, and a place in a graph. */
import { type StructureType, structures } from "../graphs/document/structures.ts";
import gather from "./batch/gather.ts";
import rank from "./batch/rank.ts";
import reduceDraws from "./batch/reduce-draws.ts";
import repeat from "./batch/repeat.ts";
import repeatLabels from "./batch/repeat-labels.ts";
import resample from "./batch/resample.ts";
import takeSamples from "./batch/take-samples.ts";
import formula from "./formula/formula.ts";
import numberFormula from "./formula/number-formula.ts";
import buildCondFn from "./guidance/build-cond-fn.ts";
import conditionMean from "./guidance/condition-mean.ts";
import conditionScore from "./guidance/condition-score.ts";
import guidanceGradient from "./guidance/guidance-gradient.ts";
import absoluteError from "./losses/absolute-error.ts";
import cosineSimilarity from "./losses/cosine-similarity.ts";
import dot from "./losses/dot.ts";
import logProbability from "./losses/log-probability.ts";
import pick from "./losses/pick.ts";
import reduce from "./losses/reduce.ts";
import squaredError from "./losses/squared-error.ts";
import totalVariation from "./losses/total-variation.ts";
import accuracy from "./measures/accuracy.ts";
import frechetDistance from "./measures/frechet-distance.ts";
import applyNetwork from "./models/apply-network.ts";
import loadClassifier from "./models/load-classifier.ts";
import loadNetwork from "./models/load-network.ts";
import loadUnet from "./models/load-unet.ts";
import type { Registry, Structure } from "./node.ts";
import boxMask from "./pictures/box-mask.ts";
import colourMap from "./pictures/colour-map.ts";
import decodeImage from "./pictures/decode-image.ts";
import encodeImage from "./pictures/encode-image.ts";
import grid from "./pictures/grid.ts";
import loadImage from "./pictures/load-image.ts";
import lowRes from "./pictures/low-res.ts";
import preview from "./pictures/preview.ts";
import saveNpz from "./pictures/save-npz.ts";
import savePng from "./pictures/save-png.ts";
import changePrediction from "./prediction/change-prediction.ts";
import classifierFreeGuidance from "./prediction/classifier-free-guidance.ts";
import clipPrediction from "./prediction/clip-prediction.ts";
import dynamicThreshold from "./prediction/dynamic-threshold.ts";
import meanVariance from "./prediction/mean-variance.ts";
import openPrediction from "./prediction/open-prediction.ts";
import predict from "./prediction/predict.ts";
import predictionFromEps from "./prediction/prediction-from-eps.ts";
import predictionFromX0 from "./prediction/prediction-from-x0.ts";
import addNoise from "./process/add-noise.ts";
import classLabels from "./process/class-labels.ts";
import countedSteps from "./process/counted-steps.ts";
import diffusionSchedule from "./process/diffusion-schedule.ts";
import drawNoise from "./process/draw-noise.ts";
import gaussianNoise from "./process/gaussian-noise.ts";
import renoise from "./process/renoise.ts";
import scheduleStep from "./process/schedule-step.ts";
import ddimReverseStep from "./samplers/ddim-reverse-step.ts";
import ddimStep from "./samplers/ddim-step.ts";
import ddpmStep from "./samplers/ddpm-step.ts";
import dpmSolverStep from "./samplers/dpm-solver-step.ts";
import { differentiate, graphInput, graphOutput, note, reroute, samplingLoop, subgraph } from "./structures.ts";
import add from "./tensors/add.ts";
import averagePool from "./tensors/average-pool.ts";
import blur from "./tensors/blur.ts";
import collect from "./tensors/collect.ts";
import crop from "./tensors/crop.ts";
import difference from "./tensors/difference.ts";
import loadTensor from "./tensors/load-tensor.ts";
import lowPass from "./tensors/low-pass.ts";
import mask from "./tensors/mask.ts";
import mixChannels from "./tensors/mix-channels.ts";
import movingAverage from "./tensors/moving-average.ts";
import normalise from "./tensors/normalise.ts";
import pad from "./tensors/pad.ts";
import project from "./tensors/project.ts";
import resize from "./tensors/resize.ts";
import saveTensor from "./tensors/save-tensor.ts";
import scale from "./tensors/scale.ts";
import slerp from "./tensors/slerp.ts";
import stopGradient from "./tensors/stop-gradient.ts";
import takeAs from "./tensors/take-as.ts";
import arithmetic from "./values/arithmetic.ts";
import neighbouringSteps from "./values/neighbouring-steps.ts";
import number from "./values/number.ts";
import stepInterval from "./values/step-interval.ts";
import stepValue from "./values/step-value.ts";
import switchTensor from "./values/switch.ts";
import switchPrediction from "./values/switch-prediction.ts";
import text from "./values/text.ts";

export const nodes = {
  // models
  "guidegraph/load-unet": loadUnet,
  "guidegraph/load-classifier": loadClassifier,
  "guidegraph/load-network": loadNetwork,
  "guidegraph/apply-network": applyNetwork,

  // process
  "guidegraph/diffusion-schedule": diffusionSchedule,
  "guidegraph/counted-steps": countedSteps,
  "guidegraph/schedule-step": scheduleStep,
  "guidegraph/class-labels": classLabels,
  "guidegraph/gaussian-noise": gaussianNoise,
  "guidegraph/draw-noise": drawNoise,
  "guidegraph/add-noise": addNoise,
  "guidegraph/renoise": renoise,

  // structures
  [structures.loop]: samplingLoop,
  [structures.subgraph]: subgraph,
  [structures.differentiate]: differentiate,
  [structures.input]: graphInput,
  [structures.output]: graphOutput,
  [structures.reroute]: reroute,
  [structures.note]: note,

  // prediction
  "guidegraph/predict": predict,
  "guidegraph/classifier-free-guidance": classifierFreeGuidance,
  "guidegraph/mean-variance": meanVariance,
  "guidegraph/prediction-from-x0": predictionFromX0,
  "guidegraph/prediction-from-eps": predictionFromEps,
  "guidegraph/dynamic-threshold": dynamicThreshold,
  "guidegraph/open-prediction": openPrediction,
  "guidegraph/change-prediction": changePrediction,
  "guidegraph/clip-prediction": clipPrediction,

  // guidance
  "guidegraph/build-cond-fn": buildCondFn,
  "guidegraph/guidance-gradient": guidanceGradient,
  "guidegraph/condition-mean": conditionMean,
  "guidegraph/condition-score": conditionScore,

  // losses
  "guidegraph/log-probability": logProbability,
  "guidegraph/squared-error": squaredError,
  "guidegraph/absolute-error": absoluteError,
  "guidegraph/cosine-similarity": cosineSimilarity,
  "guidegraph/total-variation": totalVariation,
  "guidegraph/reduce": reduce,
  "guidegraph/dot": dot,
  "guidegraph/pick": pick,

  // batch
  "guidegraph/repeat": repeat,
  "guidegraph/repeat-labels": repeatLabels,
  "guidegraph/gather": gather,
  "guidegraph/take-samples": takeSamples,
  "guidegraph/rank": rank,
  "guidegraph/resample": resample,
  "guidegraph/reduce-draws": reduceDraws,

  // samplers
  "guidegraph/ddpm-step": ddpmStep,
  "guidegraph/ddim-step": ddimStep,
  "guidegraph/ddim-reverse-step": ddimReverseStep,
  "guidegraph/dpm-solver-step": dpmSolverStep,

  // measures
  "guidegraph/accuracy": accuracy,
  "guidegraph/frechet-distance": frechetDistance,

  // tensors
  "guidegraph/load-tensor": loadTensor,
  "guidegraph/add": add,
  "guidegraph/scale": scale,
  "guidegraph/normalise": normalise,
  "guidegraph/moving-average": movingAverage,
  "guidegraph/collect": collect,
  "guidegraph/mask": mask,
  "guidegraph/project": project,
  "guidegraph/resize": resize,
  "guidegraph/crop": crop,
  "guidegraph/pad": pad,
  "guidegraph/average-pool": averagePool,
  "guidegraph/blur": blur,
  "guidegraph/low-pass": lowPass,
  "guidegraph/mix-channels": mixChannels,
  "guidegraph/slerp": slerp,
  "guidegraph/difference": difference,
  "guidegraph/formula": formula,
  "guidegraph/take-as": takeAs,
  "guidegraph/stop-gradient": stopGradient,
  "guidegraph/save-tensor": saveTensor,

  // pictures
  "guidegraph/load-image": loadImage,
  "guidegraph/encode-image": encodeImage,
  "guidegraph/decode-image": decodeImage,
  "guidegraph/low-res": lowRes,
  "guidegraph/box-mask": boxMask,
  "guidegraph/grid": grid,
  "guidegraph/colour-map": colourMap,
  "guidegraph/preview": preview,
  "guidegraph/save-png": savePng,
  "guidegraph/save-npz": saveNpz,

  // values
  "guidegraph/number": number,
  "guidegraph/text": text,
  "guidegraph/arithmetic": arithmetic,
  "guidegraph/number-formula": numberFormula,
  "guidegraph/step-value": stepValue,
  "guidegraph/step-interval": stepInterval,
  "guidegraph/switch": switchTensor,
  "guidegraph/switch-prediction": switchPrediction,
  "guidegraph/neighbouring-steps": neighbouringSteps,
} as const satisfies Registry & Readonly<Record<StructureType, Structure>>;
