// All CSS stands under one root class with its own background: no resets, no bare selectors.

import { tokens } from "./colour";

const variables = (scheme: "light" | "dark"): string =>
  `${Object.entries(tokens[scheme])
    .map(([name, value]) => `--${name.replace("_", "-")}:${value}`)
    .join(";")};--scheme:${scheme};color-scheme:${scheme}`;

const { text, small, tiny, heading, radius, gap } = tokens.size;

const rules = `
.xk{font:${text}px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;color:var(--ink);background:var(--bg);max-width:960px;
margin:0 auto;padding:16px;box-sizing:border-box;position:relative;text-align:left;container-type:inline-size;border-radius:${radius}px}
.xk *{box-sizing:border-box}
.xk h2{font-size:${heading}px;line-height:1.3;margin:0;font-weight:650;color:var(--ink)}
.xk p{margin:2px 0 12px;color:var(--soft)} .xk p b{color:var(--ink)}
.xk [hidden]{display:none!important}
.xk-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.xk-soft{color:var(--soft);font-size:${small}px} .xk-strong{font-weight:600}
.xk math{font-family:"STIX Two Math","STIX Math","STIXGeneral","Cambria Math","Latin Modern Math",math,serif}
.xk-formula{display:flex;gap:4px;align-items:center;flex-wrap:wrap;background:var(--panel);border:1px solid var(--line);border-radius:${radius}px;
padding:8px 14px;font-size:19px;line-height:1.35;overflow-x:auto}
.xk-term{padding:3px 8px;border-radius:7px;border:1px solid transparent;text-align:center;transition:background .12s}
.xk-term.xk-on{border-color:var(--accent);background:color-mix(in srgb,var(--accent) 14%,transparent)}
.xk-term small{display:block;font-size:${tiny}px;color:var(--soft)}
.xk-panels{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:${gap}px;margin:${gap}px 0 6px}
.xk-panels.xk-three{grid-template-columns:repeat(3,minmax(0,1fr))}
.xk figure{margin:0;min-width:0}
.xk figcaption{display:flex;justify-content:space-between;gap:8px;font-size:${small}px;margin:0 0 4px;flex-wrap:wrap;color:var(--ink);text-align:left}
.xk figcaption b{font-weight:600;white-space:nowrap}
.xk-frame{position:relative;border-radius:8px;overflow:hidden;border:1px solid var(--line);background:var(--panel)}
.xk-frame:focus-within{outline:3px solid var(--accent);outline-offset:2px}
.xk-frame canvas{width:100%;height:auto;display:block;image-rendering:pixelated;cursor:crosshair;touch-action:pan-y;outline:none}
.xk-cursor{position:absolute;width:13px;height:13px;margin:-6.5px 0 0 -6.5px;border:2px solid #fff;outline:1.5px solid #000;pointer-events:none}
.xk-value{font:12px/1.5 ui-monospace,Menlo,"DejaVu Sans Mono",monospace;color:var(--soft);margin-top:3px;min-height:1.5em;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.xk-row{display:flex;align-items:center;gap:12px;margin:8px 0;flex-wrap:wrap}
.xk-row input[type=range]{flex:1 1 80px;min-width:0}
.xk input[type=range]{accent-color:var(--accent);height:26px;margin:0;cursor:pointer}
.xk button{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:4px 12px;cursor:pointer;min-height:32px}
.xk button:hover{border-color:var(--accent)}
.xk-play{min-width:92px}
.xk button[aria-checked=true],.xk button[aria-current=step],.xk button.xk-main{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.xk button[aria-disabled=true]{color:var(--soft);cursor:not-allowed;border-style:dashed}
.xk button:focus-visible,.xk input:focus-visible{outline:3px solid var(--accent);outline-offset:2px;position:relative;z-index:1}
.xk-seg{display:inline-flex;flex-wrap:wrap}
.xk-seg button{border-radius:0;margin-left:-1px;padding:3px 11px}
.xk-seg button:first-child{border-radius:8px 0 0 8px;margin-left:0}.xk-seg button:last-child{border-radius:0 8px 8px 0}
.xk-choice{display:inline-flex;align-items:center;gap:8px;flex-wrap:wrap} .xk-choice>.xk-soft{min-width:96px} .xk-choice+.xk-choice{margin-left:16px} .xk-choice+.xk-choice>.xk-soft{min-width:0} .xk-card .xk-choice{margin-bottom:6px} .xk-card .xk-choice>.xk-soft{min-width:0}
.xk-num{font:600 15px ui-monospace,Menlo,"DejaVu Sans Mono",monospace;font-variant-numeric:tabular-nums;color:var(--ink)}
.xk-at{min-width:92px;text-align:right}
.xk-low{display:grid;grid-template-columns:minmax(0,1fr) 280px;gap:${gap}px;margin-top:10px}
.xk-card{border:1px solid var(--line);border-radius:${radius}px;padding:12px 14px;min-width:0}
.xk-meter{height:14px;border-radius:7px;background:var(--panel);border:1px solid var(--line);position:relative;overflow:hidden;margin:8px 0}
.xk-meter i{position:absolute;left:0;top:0;bottom:0;background:var(--warm)} .xk-meter i.xk-good{background:var(--good)}
.xk-meter b{position:absolute;left:80%;top:0;bottom:0;border-left:2px solid var(--ink)}
.xk-check math{font-size:15px} .xk-check+.xk-check{border-top:1px solid var(--line);margin-top:12px;padding-top:12px}
.xk-verdict{margin-top:4px}
.xk-chart{width:100%;height:auto;display:block;max-height:260px;touch-action:pan-y;cursor:ew-resize}
.xk-bars{width:100%;height:auto;display:block} .xk-chart text,.xk-bars text{font:11.5px system-ui,"Segoe UI","DejaVu Sans",sans-serif;fill:var(--soft);font-variant-numeric:tabular-nums}
.xk-chart text.xk-strong{fill:var(--ink);font-weight:600}
.xk-grid{stroke:var(--line)} .xk-zero{stroke:var(--soft)} .xk-band{fill:var(--accent);opacity:.16} .xk-mark{stroke:var(--warm);stroke-dasharray:2 3;stroke-width:1.5}
.xk-path{fill:none;stroke-width:2.3;stroke-linejoin:round} .xk-now{stroke:var(--ink);stroke-width:1.2} .xk-point{stroke:var(--bg);stroke-width:2}
.xk-key{display:flex;gap:14px;flex-wrap:wrap;font-size:${small}px;color:var(--soft);margin-bottom:4px}
.xk-key span{display:inline-flex;align-items:center;gap:6px}
.xk-line,.xk-dash{width:20px;border-top:2.5px solid currentColor} .xk-dash{border-top-style:dashed} .xk-dot{width:7px;height:7px;border-radius:50%;background:currentColor}
.xk-legend{display:inline-flex;align-items:center;gap:8px;margin-left:auto} .xk-ramp{width:190px}
.xk-bar{display:block;height:10px;border-radius:5px;border:1px solid var(--line)}
.xk-ticks{display:flex;justify-content:space-between;font-size:${tiny}px;line-height:1.4;color:var(--soft);font-variant-numeric:tabular-nums}
.xk-error{border:1px solid var(--bad);color:var(--bad);border-radius:8px;padding:6px 12px;margin:8px 0}
.xk-busy{color:var(--soft);font-size:${small}px} .xk-busy::before{content:"";display:inline-block;width:11px;height:11px;margin-right:7px;border:2px solid var(--line);
border-top-color:var(--accent);border-radius:50%;vertical-align:-1px;animation:xk-turn .8s linear infinite}
@keyframes xk-turn{to{transform:rotate(1turn)}}
.xk-ask{border:1px solid var(--accent);border-radius:${radius}px;padding:14px 18px;margin:12px 0;background:var(--panel)}
.xk-ask h3{font-size:15px;margin:0 0 6px;color:var(--ink)} .xk-ask canvas{width:200px;max-width:100%;border-radius:8px;image-rendering:pixelated}
.xk-steps{display:flex;flex-wrap:wrap;gap:6px;list-style:none;margin:12px 0;padding:0} .xk-steps button{padding:3px 10px}
.xk-steps small{opacity:.85;margin-right:6px;font-variant-numeric:tabular-nums} .xk-steps [aria-current] small{opacity:1}
.xk-stage{display:grid;grid-template-columns:minmax(0,1fr) 280px;gap:${gap}px}
.xk-head{display:flex;justify-content:space-between;gap:12px;align-items:baseline;flex-wrap:wrap}
.xk-head math{font-size:20px} .xk-pair{display:grid;grid-template-columns:1fr 1fr;gap:${gap}px;margin:10px 0 6px}
.xk-pair.xk-alone{grid-template-columns:minmax(0,1fr)} .xk-big{font:600 34px/1.4 ui-monospace,Menlo,"DejaVu Sans Mono",monospace}
.xk-tokens{display:flex;flex-wrap:wrap;gap:5px 4px;margin:10px 0;align-items:center}
.xk .xk-token{border:1px solid var(--line);border-radius:7px;padding:3px 8px;min-height:0;line-height:1.45;background:var(--panel);color:var(--ink);font-size:${text}px}
.xk .xk-token.xk-off{text-decoration:line-through;opacity:.55;background:none;border-style:dashed}
.xk-token:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.xk-low.xk-game{grid-template-columns:minmax(200px,1fr) minmax(0,2fr)} .xk-low.xk-half{grid-template-columns:minmax(0,1fr) minmax(0,1fr)} .xk-half td:first-child,.xk-half th:first-child{text-align:left} .xk-gap{margin-top:10px}
.xk-lattice{width:100%;display:block} .xk-lattice text{font-size:${tiny}px;fill:var(--ink)} .xk-edge{stroke:var(--line)} .xk-chosen{stroke:var(--accent);stroke-width:1.4;opacity:.7} .xk-walked{stroke:var(--warm);stroke-width:3.5}
.xk-node{cursor:pointer} .xk-node rect{fill:var(--panel);stroke:var(--line)} .xk-here rect{fill:var(--accent);stroke:var(--accent)} .xk-here text{fill:var(--on-accent)!important}
.xk-halo{paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round} .xk tr.xk-lit td{background:color-mix(in srgb,var(--accent) 14%,transparent)}
.xk-scroll{overflow:auto;max-height:340px} .xk-scroll.xk-short{max-height:180px} .xk table{border-collapse:collapse;font-size:${small}px;font-variant-numeric:tabular-nums;color:var(--ink)}
.xk th,.xk td{text-align:right;padding:3px 12px 3px 0;border-bottom:1px solid var(--line);background:none}
.xk pre{white-space:pre-wrap;margin:8px 0;font-size:${small}px;color:var(--ink);background:none}
@container (max-width:640px){.xk-choice+.xk-choice{margin-left:0}.xk-choice+.xk-choice>.xk-soft{min-width:96px}.xk figcaption{flex-direction:column;gap:0}.xk-panels,.xk-panels.xk-three{grid-template-columns:repeat(2,minmax(0,1fr))}.xk-low,.xk-low.xk-game,.xk-low.xk-half,.xk-stage{grid-template-columns:minmax(0,1fr)}.xk-legend{margin-left:0}.xk-seg{gap:4px}.xk-seg button{border-radius:8px!important;margin:0}.xk-at{min-width:78px}.xk-play{min-width:84px;padding:4px 8px}}
@container (max-width:380px){.xk-pair{grid-template-columns:minmax(0,1fr)}}
@media (forced-colors:active){.xk-token,.xk-bar,.xk-meter i,.xk-line,.xk-dot,.xk-cursor{forced-color-adjust:none}}
@media (prefers-reduced-motion:reduce){.xk *{transition:none!important;animation-duration:3s!important}}
`;

const darkPlaces = [
  '[data-jp-theme-light="false"] .xk',
  ".vscode-dark .xk",
  '[data-theme="dark"] .xk',
  '[data-bs-theme="dark"] .xk',
];
const lightPlaces = [
  '[data-jp-theme-light="true"] .xk',
  ".vscode-light .xk",
  '[data-theme="light"] .xk',
  '[data-bs-theme="light"] .xk',
];

/** The host's own theme wins over the system's. */
export const css = `.xk{${variables("light")}}
@media (prefers-color-scheme:dark){.xk{${variables("dark")}}}
${lightPlaces.join(",")}{${variables("light")}}
${darkPlaces.join(",")}{${variables("dark")}}
${rules}`;
