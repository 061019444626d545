// The one module of all widgets: the trait `lab` says which is meant.

import { backwardLab } from "./labs/backward";
import { camLab } from "./labs/cam";
import { flowLab } from "./labs/flow";
import { noiseLab } from "./labs/noise";
import { pathLab } from "./labs/path";
import { regionsLab } from "./labs/regions";
import { segmentationLab } from "./labs/segmentation";
import { type Model, Traits } from "./model";
import { player } from "./player";

const LABS: Record<string, (traits: Traits, el: HTMLElement) => () => void> = { player, path: pathLab, noise: noiseLab, regions: regionsLab, cam: camLab, flow: flowLab, backward: backwardLab, segmentation: segmentationLab };

export default {
  initialize(): void {},

  render({ model, el, signal }: { model: Model; el: HTMLElement; signal?: AbortSignal }): () => void {
    const end = LABS[model.get("lab")](new Traits(model), el);
    signal?.addEventListener("abort", end, { once: true });
    return end;
  },
};
