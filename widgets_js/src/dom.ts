// Elements without a framework: h() makes one, and the boxes below stand in every lab.

type Child = Node | string | null | undefined;
type Properties = Record<string, unknown>;

/** An element: `on…` are listeners, everything else an attribute (null and false leave it out). Text is never HTML. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, properties);
  element.append(...children.filter((c): c is Node | string => c !== null && c !== undefined));
  return element;
}

/** An SVG element. */
export function s(tag: string, properties: Properties = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, properties);
  element.append(...children.filter((c): c is Node | string => c !== null && c !== undefined));
  return element;
}

function fill(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
}

/** Things side by side, wrapped where there is no room. */
export const row = (...children: Child[]): HTMLElement => h("div", { class: "xk-row" }, ...children);

/** A framed part of a lab. */
export const card = (...children: Child[]): HTMLElement => h("div", { class: "xk-card" }, ...children);

/** Cards side by side; `kind` says how they share the width. */
export const low = (cards: HTMLElement[], kind = ""): HTMLElement =>
  h("div", { class: kind ? `xk-low ${kind}` : "xk-low" }, ...cards);

export const strong = (text = ""): HTMLElement => h("div", { class: "xk-strong" }, text);

export const soft = (text = ""): HTMLElement => h("div", { class: "xk-soft" }, text);

/** A region that can be scrolled, with the keyboard too. */
export const scrolled = (label: string, kind = ""): HTMLElement =>
  h("div", { class: kind ? `xk-scroll ${kind}` : "xk-scroll", tabindex: "0", role: "region", "aria-label": label });

/** A table as text: the names of its columns, and its rows. */
export const tableRow = (tag: "th" | "td", cells: string[], properties: Properties = {}): HTMLElement =>
  h("tr", properties, ...cells.map((cell) => h(tag, {}, cell)));

/** A region that a screen reader speaks, a moment after the last change. */
export function announcer(): { element: HTMLElement; say(text: string): void } {
  const element = h("div", { class: "xk-hidden", "aria-live": "polite" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => (element.textContent = text), 350);
    },
  };
}
