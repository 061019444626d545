"""One page that works from file:// with the network off: the modules, each widget's state, a model stub."""

import base64
import gzip
import html
import json
from typing import Any

from .palette import TOKENS

#: A widget's model without a kernel: what the front end needs of it, and nothing more.
HOST = """
const unpack = async (text) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
const revive = (value, bytes) => {
  if (Array.isArray(value)) return value.map((v) => revive(v, bytes));
  if (value === null || typeof value !== "object") return value;
  if ("$bytes" in value) return new DataView(bytes.buffer, bytes.byteOffset + value.$bytes[0], value.$bytes[1]);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, revive(v, bytes)]));
};
const stub = (traits) => {
  const listeners = new Map();
  return {
    get: (name) => traits[name],
    set: (name, value) => { traits[name] = value; for (const f of listeners.get("change:" + name) ?? []) f(); },
    on: (event, f) => listeners.set(event, [...(listeners.get(event) ?? []), f]),
    off: (event, f) => listeners.set(event, (listeners.get(event) ?? []).filter((g) => g !== f)),
    save_changes: () => {},
  };
};
const text = (id) => document.getElementById(id).textContent;
const bytes = await unpack(text("bytes"));
const load = async ([lab, code]) => [lab, await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })))];
const modules = Object.fromEntries(await Promise.all(Object.entries(revive(JSON.parse(text("modules")), bytes)).map(load)));
for (const [k, traits] of revive(JSON.parse(text("states")), bytes).entries()) {
  const model = stub(traits);
  window.widgets = [...(window.widgets ?? []), model];
  const module = modules[traits.lab].default;
  await module.initialize?.({ model });
  await module.render({ model, el: document.getElementById("widget-" + k) });
}
document.documentElement.dataset.ready = "true";
"""


def page(title: str, modules: dict[str, str], states: list[dict[str, Any]], lead: str = "") -> str:
    """The whole page as text: the module of each lab once, and the states. `lead` is HTML above the widgets and must be escaped by its writer."""
    data = bytearray()
    described = detach(states, data)
    code = detach({lab: text.encode() for lab, text in modules.items()}, data)
    hosts = "\n".join(f'<section id="widget-{k}"></section>' for k in range(len(states)))
    light, dark = TOKENS["light"], TOKENS["dark"]
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<title>{html.escape(title)}</title>
<style>
body{{margin:0;background:{light["bg"]};color:{light["ink"]};font:15px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}}
main{{max-width:992px;margin:0 auto;padding:16px}} section{{margin:0 0 40px}} header{{padding:0 16px}}
header p{{color:{light["soft"]};max-width:70ch}} table{{border-collapse:collapse;font-variant-numeric:tabular-nums}}
th,td{{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid {light["line"]};vertical-align:top}}
.unseen{{position:absolute;width:1px;height:1px;margin:0;overflow:hidden;clip-path:inset(50%)}}
h1{{font-size:26px;font-weight:650;margin:16px 0 4px}} .scroll{{overflow-x:auto}}
@media (prefers-color-scheme:dark){{body{{background:{dark["bg"]};color:{dark["ink"]}}} header p{{color:{dark["soft"]}}}
th,td{{border-color:{dark["line"]}}}}}
</style></head>
<body><main>{lead or f'<h1 class="unseen">{html.escape(title)}</h1>'}
{hosts}
</main>
<script type="application/json" id="modules">{embed(code)}</script>
<script type="application/json" id="states">{embed(described)}</script>
<script type="text/plain" id="bytes">{base64.b64encode(gzip.compress(bytes(data), 9, mtime=0)).decode()}</script>
<script type="module">{HOST}</script>
</body></html>
"""


def embed(value: Any) -> str:
    """JSON that can stand inside a script element, whatever text it holds."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def detach(value: Any, data: bytearray, seen: "dict[bytes, list[int]] | None" = None) -> Any:
    """The state with every array's bytes moved into `data` (aligned to four, each array once)."""
    seen = {} if seen is None else seen
    if isinstance(value, (bytes, bytearray, memoryview)):
        view = bytes(value)
        if view not in seen:
            data.extend(b"\0" * (-len(data) % 4))
            seen[view] = [len(data), len(view)]
            data.extend(view)
        return {"$bytes": seen[view]}
    if isinstance(value, dict):
        return {str(k): detach(v, data, seen) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [detach(v, data, seen) for v in value]
    return value
