// The CSS of the matrix, the points and the graph; only the player needs it.

import { tokens } from "../colour";

const { tiny } = tokens.size;

export const css = `
.xk-value.xk-wrap{white-space:normal;overflow:visible;min-height:3em;overflow-wrap:anywhere} .xk [role=img]:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:6px}
.xk-matrix{display:grid;grid-template-columns:auto minmax(0,1fr);gap:4px 8px;margin:10px 0 4px} .xk-matrix .xk-frame{grid-column:2;width:100%;border-radius:4px} .xk-matrix canvas{cursor:crosshair}
.xk-side{display:grid;font-size:${tiny}px;line-height:14px;color:var(--soft);min-width:0} .xk-side span{min-width:0;min-height:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.xk-left{grid-column:1;grid-row:2;grid-auto-rows:minmax(0,1fr);height:0;min-height:100%;align-items:center;text-align:right;max-width:min(130px,28cqw)}
.xk-key.xk-close{row-gap:3px} .xk-top{grid-column:2;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);text-align:center;width:100%} .xk-up{align-items:end;justify-items:center} .xk-up span{writing-mode:vertical-rl;transform:rotate(180deg);max-height:92px;line-height:13px}
.xk-numbers,.xk-lines{position:absolute;inset:0;pointer-events:none} .xk-numbers{display:grid;grid-auto-rows:1fr;place-items:center;font-size:${tiny}px;font-variant-numeric:tabular-nums}
.xk-lines{background-image:linear-gradient(90deg,var(--bg) 1px,transparent 1px),linear-gradient(var(--bg) 1px,transparent 1px)}
.xk-cell{position:absolute;border:2px solid #fff;outline:1.5px solid #000;min-width:7px;min-height:7px;pointer-events:none}
.xk-plane,.xk-graph{max-height:none;cursor:crosshair;margin-top:6px} .xk-plane .xk-grid{opacity:.7}
.xk-mark-of{fill:var(--of);fill-opacity:.85;stroke:color-mix(in srgb,var(--of) 55%,var(--ink));vector-effect:non-scaling-stroke} .xk-ring{fill:none;stroke:var(--ink);stroke-width:1.4}
.xk-link{fill:none;opacity:.6;stroke-linecap:round} .xk-some .xk-link{opacity:.1} .xk-some .xk-link.xk-on{opacity:1}
.xk-vertex rect{fill:var(--panel);stroke:var(--line)} .xk-vertex text,.xk-graph .xk-vertex .xk-strong{fill:var(--ink)} .xk-vertex.xk-on rect{stroke:var(--ink);stroke-width:2.2}
@media (forced-colors:active){.xk-lines,.xk-numbers,.xk-cell{forced-color-adjust:none}.xk-mark-of,.xk-vertex rect{stroke:CanvasText}}
`;
