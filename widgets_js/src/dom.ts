// Elements without a framework: h() makes one, the controls below are made of it.

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

const MATH =
  /^(math|semantics|mrow|mi|mn|mo|mtext|mspace|msup|msub|msubsup|mover|munder|munderover|mfrac|msqrt|mroot|mfenced|mstyle|mtable|mtr|mtd|mpadded|mphantom)$/;
const MATH_ATTRIBUTES =
  /^(display|mathvariant|stretchy|fence|form|separator|accent|accentunder|displaystyle|scriptlevel|lspace|rspace|width|minsize|maxsize|movablelimits|columnalign)$/;

/** MathML text → an element; anything that is not mathematics is left out, whoever wrote it. */
export function math(text: string): Element | null {
  if (!text) return null;
  const parsed = new DOMParser().parseFromString(text, "text/xml").documentElement;
  const copy = (node: Element): Element | null => {
    if (!MATH.test(node.localName)) return null;
    const element = document.createElementNS("http://www.w3.org/1998/Math/MathML", node.localName);
    for (const a of Array.from(node.attributes))
      if (MATH_ATTRIBUTES.test(a.name)) element.setAttribute(a.name, a.value);
    for (const child of Array.from(node.childNodes)) {
      const piece =
        child.nodeType === 3
          ? document.createTextNode(child.textContent ?? "")
          : child.nodeType === 1
            ? copy(child as Element)
            : null;
      if (piece) element.append(piece);
    }
    return element;
  };
  return copy(parsed);
}

/** A formula in a frame of its own, which can be scrolled with the keyboard where it is too wide. */
export const formulaBox = (text: string): HTMLElement =>
  h("div", { class: "xk-formula", tabindex: "0", role: "group", "aria-label": "formula" }, math(text));

/** A number in about four characters of meaning, with a true minus sign. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5))
    return value.toExponential(1).replace("-", "−").replace("e+", "e").replace("e-", "e−");
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size || 1)));
  return Number(value.toPrecision(digits)).toFixed(places).replace("-", "−");
}

/** The same with its sign written. */
export const signed = (value: number, digits = 3): string => (value > 0 ? "+" : "") + number(value, digits);

export interface Choice {
  element: HTMLElement;
  /** Light the value; `possible` says which others can be had. */
  show(value: string, possible: (value: string) => boolean): void;
}

/** One of several: a row of buttons that behaves as radio buttons do. */
export function choice(label: string, values: string[], pick: (value: string) => void): Choice {
  const buttons = values.map((value) =>
    h(
      "button",
      { type: "button", role: "radio", "aria-checked": "false", tabindex: "-1", onclick: () => choose(value) },
      value,
    ),
  );
  const choose = (value: string): void => {
    if (buttons[values.indexOf(value)].getAttribute("aria-disabled") !== "true") pick(value);
  };
  const group = h("span", { class: "xk-seg", role: "radiogroup", "aria-label": label }, ...buttons);
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const open = buttons.filter((b) => b.getAttribute("aria-disabled") !== "true");
    const here = open.indexOf(event.target as HTMLButtonElement);
    const next = open[(here + step + open.length) % open.length];
    next?.focus();
    next?.click();
  });
  return {
    element: h("div", { class: "xk-choice" }, h("span", { class: "xk-soft" }, label), group),
    show(value, possible) {
      for (const [k, button] of buttons.entries()) {
        const on = values[k] === value;
        const can = on || possible(values[k]);
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
        if (can) button.removeAttribute("aria-disabled");
        else button.setAttribute("aria-disabled", "true");
        button.title = can ? "" : "needs a running notebook";
      }
      if (!values.includes(value) && buttons[0]) buttons[0].tabIndex = 0;
    },
  };
}

export interface Slider {
  element: HTMLElement;
  show(k: number, most: number, text: string): void;
  stop(): void;
}

/** Play and a slider from 0 to `most`; `move` is called with every new place. */
export function slider(label: string, move: (k: number) => void, wrap = "xk-row"): Slider {
  const range = h("input", {
    type: "range",
    min: "0",
    step: "1",
    "aria-label": label,
    oninput: () => move(Number(range.value)),
  });
  const value = h("output", { class: "xk-num xk-at" });
  const play = h(
    "button",
    { type: "button", class: "xk-play", "aria-label": `play ${label}`, onclick: () => (timer ? stop() : start()) },
    "▶ Play",
  );
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "▶ Play";
    play.setAttribute("aria-label", `play ${label}`);
  };
  const start = (): void => {
    if (range.value === range.max) move(0);
    play.textContent = "❚❚ Pause";
    play.setAttribute("aria-label", `pause ${label}`);
    timer = setInterval(() => {
      if (range.value === range.max || !range.isConnected) stop();
      else move(Number(range.value) + 1);
    }, 120);
  };
  return {
    element: h("div", { class: wrap }, play, range, value),
    show(k, most, text) {
      range.max = String(most);
      range.value = String(k);
      range.setAttribute("aria-valuetext", text);
      value.textContent = text;
    },
    stop,
  };
}

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
