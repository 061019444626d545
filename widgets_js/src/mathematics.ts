// Mathematics from Python: MathML that may hold nothing else, and the box that a formula stands in.

import { h } from "./dom";

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

/** The frame of a formula or of its terms, which can be scrolled with the keyboard where they are too wide. */
export const formulaFrame = (...terms: (Element | null)[]): HTMLElement =>
  h("div", { class: "xk-formula", tabindex: "0", role: "group", "aria-label": "formula" }, ...terms);

/** A formula in a frame of its own. */
export const formulaBox = (text: string): HTMLElement => formulaFrame(math(text));
