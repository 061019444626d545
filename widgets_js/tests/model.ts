// A strict fake of the widget model: unknown traits, second listeners and listeners left behind are errors.

import type { Model } from "../src/model";

export class FakeModel implements Model {
  saved = 0;
  private listeners = new Map<string, () => void>();

  constructor(private traits: Record<string, unknown>) {}

  get(name: string): unknown {
    if (!(name in this.traits)) throw new Error(`there is no trait ${name}`);
    return this.traits[name];
  }

  set(name: string, value: unknown): void {
    this.get(name);
    this.traits[name] = value;
    this.listeners.get(`change:${name}`)?.();
  }

  on(event: string, listener: () => void): void {
    this.get(event.replace("change:", ""));
    if (this.listeners.has(event)) throw new Error(`a second listener of ${event}`);
    this.listeners.set(event, listener);
  }

  off(event: string, listener: () => void): void {
    if (this.listeners.get(event) !== listener) throw new Error(`off of a listener that is not there: ${event}`);
    this.listeners.delete(event);
  }

  save_changes(): void {
    this.saved++;
  }

  get listening(): number {
    return this.listeners.size;
  }
}
