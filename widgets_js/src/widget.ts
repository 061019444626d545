// What a module exports to anywidget and to the static page: one widget, drawn under `el` until it ends.

import { type Model, Traits } from "./model";

export type Lab = (traits: Traits, el: HTMLElement) => () => void;

export interface Module {
  initialize(): void;
  render(place: { model: Model; el: HTMLElement; signal?: AbortSignal }): () => void;
}

/** A lab as the module that every notebook and the page can load. */
export const widget = (lab: Lab): Module => ({
  initialize() {},
  render({ model, el, signal }) {
    const end = lab(new Traits(model), el);
    signal?.addEventListener("abort", end, { once: true });
    return end;
  },
});
