// Names in little room: layers without their wrapper, and an ellipsis where a name is too long.

/** The name of a layer as it is read: without the wrapper around the network. */
export const short = (name: string): string => name.replace(/^model\./, "");

/** At most so many characters; the last one says that there were more. */
export function clipped(name: string, most = 22): string {
  const letters = Array.from(name);
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : name;
}

/** How wide letters are drawn, in parts of the font's size: a safe guess, so that no name leaves its box. */
const WIDTHS: [RegExp, number][] = [
  [/[\u1100-\uffdc\u{1f000}-\u{3ffff}]/u, 1.05],
  [/[A-ZÀ-ÞmwMW@%&+−]/, 0.82],
  [/[iljtfr.,:;|'! ]/, 0.4],
  [/[0-9]/, 0.67],
];

const widthOf = (letter: string): number => WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? 0.61;

/** How wide a name is drawn, about. */
export const breadth = (name: string, size: number): number =>
  Array.from(name).reduce((sum, letter) => sum + size * widthOf(letter), 0);

/** As much of a name as fits in `width` pixels. */
export function fitted(name: string, width: number, size: number): string {
  if (breadth(name, size) <= width) return name;
  const letters = Array.from(name);
  while (letters.length > 1 && breadth(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}
