// The widget model as every notebook and the static page offer it; only this small subset is used.

export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  save_changes?(): void;
}

/** Traits with one listener each, all of them gone after `close`. */
export class Traits {
  private listening = new Map<string, () => void>();

  constructor(private model: Model) {}

  get<T>(name: string): T {
    return this.model.get(name) as T;
  }

  /** Set several traits at once and tell Python, where there is one. */
  put(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes?.();
  }

  on(name: string, listener: () => void): void {
    this.close(name);
    this.listening.set(name, listener);
    this.model.on(`change:${name}`, listener);
  }

  close(only?: string): void {
    for (const [name, listener] of this.listening) {
      if (only === undefined || only === name) {
        this.model.off(`change:${name}`, listener);
        this.listening.delete(name);
      }
    }
  }
}
