// Shows /api/v1/openapi.json. Text reaches the page through textContent only.
"use strict";

const PREFIX = "/api/v1";
const PROBLEM = "application/problem+json";
const HUMAN_SCHEMES = {
  access_token: "an access token",
  refresh_cookie: "the refresh cookie",
  line_signature: "LINE's signature",
};

let description;

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name === "onclick") node.addEventListener("click", value);
    else node.setAttribute(name, value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) node.append(child);
  }
  return node;
}

/** The little Markdown that the description uses: paragraphs, lists, bold, code. */
function prose(text) {
  const box = el("div", { class: "text" });
  for (const block of (text || "").trim().split(/\n\s*\n/)) {
    if (block.startsWith("- ")) {
      const items = block.replace(/^- /, "").split(/\n- /);
      box.append(el("ul", {}, items.map((item) => el("li", {}, inline(item)))));
    } else if (block) {
      box.append(el("p", {}, inline(block)));
    }
  }
  return box;
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 2) return el("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return el("strong", {}, part.slice(2, -2));
    return part.replace(/\s*\n\s*/g, " ");
  });
}

function resolve(value) {
  let seen = 0;
  while (value && value.$ref && seen++ < 20) {
    const steps = value.$ref.slice(2).split("/");
    value = steps.reduce((at, step) => at?.[step.replace(/~1/g, "/").replace(/~0/g, "~")], description);
  }
  return value || {};
}

const nameOf = (schema) => schema.$ref?.split("/").pop();

/** A schema with its references, `allOf` and "or null" taken apart. */
function plain(schema) {
  const name = nameOf(schema);
  const target = resolve(schema);
  const variants = target.oneOf || target.anyOf;
  if (variants) {
    const some = variants.filter((variant) => variant.type !== "null");
    if (some.length === 1) return { ...plain(some[0]), nullable: some.length < variants.length };
    return { name, variants: some, description: target.description };
  }
  if (target.allOf) {
    const parts = target.allOf.map(plain);
    const merged = { name, type: "object", properties: {}, required: [], description: target.description };
    for (const part of parts) {
      Object.assign(merged.properties, part.properties);
      merged.required.push(...(part.required || []));
    }
    return merged;
  }
  const types = [target.type].flat().filter(Boolean);
  return { ...target, name, type: types.find((type) => type !== "null"), nullable: types.includes("null") };
}

function kindText(schema) {
  const view = plain(schema);
  const orNull = view.nullable ? " or null" : "";
  if (view.variants) return view.variants.map(kindText).join(" or ");
  if (view.type === "array") return `list of ${kindText(view.items || {})}${orNull}`;
  if (view.name && view.properties) return `${view.name}${orNull}`;
  const format = view.format && view.format !== "int32" && view.format !== "int64" ? ` (${view.format})` : "";
  const named = view.name ? `, ${view.name}` : "";
  return `${view.type || "any"}${format}${named}${orNull}`;
}

function limitsText(view) {
  const said = [];
  if (view.minLength !== undefined && view.maxLength !== undefined) said.push(`${view.minLength} to ${view.maxLength} characters`);
  else if (view.maxLength !== undefined) said.push(`at most ${view.maxLength} characters`);
  else if (view.minLength !== undefined) said.push(`at least ${view.minLength} characters`);
  if (view.minimum !== undefined && view.maximum !== undefined) said.push(`${view.minimum} to ${view.maximum}`);
  if (view.default !== undefined) said.push(`default ${view.default}`);
  if (view.pattern) said.push(`pattern ${view.pattern}`);
  return said.join(" · ");
}

/** What a schema holds: its fields, values and the schemas inside, each to be opened. */
function inside(schema, path) {
  const view = plain(schema);
  if (view.type === "array") return inside(view.items || {}, path);
  if (view.variants) return view.variants.flatMap((variant) => inside(variant, path));
  if (view.name && path.includes(view.name)) return [];
  const deeper = view.name ? [...path, view.name] : path;
  if (view.enum) return [el("div", { class: "values" }, view.enum.map((value) => el("code", {}, String(value))))];
  const properties = Object.entries(view.properties || {});
  if (!properties.length) return [];
  const required = new Set(view.required || []);
  return [
    el("ul", { class: "fields" }, properties.map(([name, field]) => fieldRow(name, field, required.has(name), deeper))),
  ];
}

function fieldRow(name, schema, isRequired, path) {
  const view = plain(schema);
  const limits = limitsText({ ...view, ...schema });
  const text = ownText(schema) || (view.name ? "" : view.description);
  const held = inside(schema, path);
  const isSmall = view.enum && view.enum.length <= 6;
  return el(
    "li",
    { class: "field" },
    el("span", { class: "name" }, name),
    el("span", { class: "kind" }, kindText(schema)),
    isRequired ? null : el("span", { class: "kind" }, ", optional"),
    text ? prose(text) : null,
    limits ? el("div", { class: "limits" }, limits) : null,
    held.length && isSmall ? held : null,
    held.length && !isSmall ? inner(view.enum ? "Values" : `Fields of ${targetName(schema) || name}`, held) : null,
  );
}

/** What is said about a field itself; beside "or null" it stands one level deeper. */
function ownText(schema) {
  const variants = schema.oneOf || schema.anyOf || [];
  return schema.description || variants.map((variant) => variant.$ref && variant.description).find(Boolean);
}

const schemaLink = (name) => el("a", { href: `#schema-${name}` }, name);

function targetName(schema) {
  const view = plain(schema);
  return view.type === "array" ? targetName(view.items || {}) : view.name;
}

/** Something to be opened; what it holds is built then. */
function inner(label, held) {
  return el("details", { class: "inner" }, el("summary", {}, label), held);
}

/** An example of a schema, made up from its types. */
function example(schema, path = []) {
  const view = plain(schema);
  if (view.variants) return example(view.variants[0], path);
  if (view.name && path.includes(view.name)) return null;
  const deeper = view.name ? [...path, view.name] : path;
  if (view.example !== undefined) return view.example;
  if (view.enum) return view.enum[0];
  if (view.type === "array") return [example(view.items || {}, deeper)];
  if (view.properties) {
    return Object.fromEntries(Object.entries(view.properties).map(([name, field]) => [name, example(field, deeper)]));
  }
  if (view.nullable && path.length > 2) return null;
  if (view.pattern?.includes("UCR")) return `U${"0123456789abcdef".repeat(2)}`;
  if (view.format === "date-time") return "2026-01-31T08:30:00.123Z";
  if (view.format === "password") return "correct horse battery";
  return { string: "text", integer: 1, number: 1, boolean: true, object: {} }[view.type] ?? null;
}

function curl(method, path, operation) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => (name === "key" ? "42" : name === "channel" ? "default" : `<${name}>`));
  const needs = security(operation);
  const lines = [`curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}'${location.origin}${filled}'`];
  if (needs.includes("access_token")) lines.push(`  -H "Authorization: Bearer $TOKEN"`);
  else if (needs.includes("refresh_cookie")) lines.push("  -b cookies.txt -c cookies.txt");
  if (operation.operationId === "login") lines.push("  -c cookies.txt");
  const body = operation.requestBody?.content?.["application/json"]?.schema;
  if (needs.includes("line_signature")) {
    lines.push(`  -H "x-line-signature: $SIGNATURE"`, "  --data-binary @body.json");
  } else if (body) {
    const text = JSON.stringify(example(body)).replace(/'/g, "'\\''");
    lines.push("  -H 'content-type: application/json'", `  -d '${text}'`);
  }
  return lines.join(" \\\n");
}

const security = (operation) => (operation.security || description.security || []).flatMap((need) => Object.keys(need));

function needsText(operation) {
  const needs = operation.security || description.security || [];
  const named = needs.flatMap((need) => Object.keys(need)).map((name) => HUMAN_SCHEMES[name] || name);
  if (!named.length) return "Needs no sign-in.";
  const isOptional = needs.some((need) => !Object.keys(need).length);
  return `${isOptional ? "Takes" : "Needs"} ${named.join(" or ")}.`;
}

function sample(text) {
  const box = el("div", { class: "sample" }, el("pre", { tabindex: "0" }, text));
  if (navigator.clipboard) {
    const button = el("button", { type: "button" }, "Copy");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    box.append(button);
  }
  return box;
}

const titled = (title, ...held) => el("div", {}, el("h4", {}, title), ...held);

function bodyBlock(schema, path) {
  const held = inside(schema, path);
  const made = example(schema);
  return [
    ...held,
    made !== null && typeof made === "object" && Object.keys(made).length
      ? inner("Example", el("pre", { tabindex: "0" }, JSON.stringify(made, null, 2)))
      : null,
  ];
}

function answerRow(status, answer) {
  const contents = Object.entries(answer.content || {});
  const row = el(
    "div",
    { class: "answer" },
    el("span", { class: "status good" }, status),
    inline(answer.description || ""),
  );
  for (const [kind, { schema }] of contents) {
    const name = schema ? targetName(schema) : undefined;
    row.append(" ", kind === "application/json" && name ? schemaLink(name) : el("span", { class: "kind" }, kind));
    if (kind !== "application/json" || !schema) continue;
    const held = bodyBlock(schema, []);
    if (held.some(Boolean)) row.append(inner(`Fields of ${name || "the answer"}`, held.filter(Boolean)));
  }
  for (const [name, header] of Object.entries(answer.headers || {})) {
    row.append(el("div", { class: "limits" }, el("code", {}, name), " ", inline(header.description || "")));
  }
  return row;
}

/** One row for each code: the description has a line for each. */
function refusalRows(status, answer) {
  return (answer.description || "").split("\n\n").map((line) => {
    const [, code, text] = line.match(/^`([^`]+)`: (.*)$/s) || [null, "", line];
    return el("div", { class: "refusal" }, el("span", { class: "status bad" }, status), el("code", {}, code), el("span", {}, inline(text)));
  });
}

const isGood = (status) => status < "400";

function operationBody(method, path, operation) {
  const body = el("div", { class: "body" });
  if (operation.description) body.append(prose(operation.description));
  body.append(el("p", { class: "needs" }, needsText(operation)));
  for (const [where, title] of [["path", "In the path"], ["query", "In the query"], ["header", "In the header"]]) {
    const found = (operation.parameters || []).map(resolve).filter((parameter) => parameter.in === where);
    if (!found.length) continue;
    const rows = found.map((parameter) =>
      fieldRow(parameter.name, { ...parameter.schema, description: parameter.description }, parameter.required, []));
    body.append(titled(title, el("ul", { class: "fields" }, rows)));
  }
  const request = operation.requestBody?.content?.["application/json"]?.schema;
  if (request) {
    const text = operation.requestBody.description;
    body.append(titled("Body", text ? prose(text) : null, ...bodyBlock(request, []).filter(Boolean)));
  } else if (operation.requestBody) {
    const kinds = Object.entries(operation.requestBody.content || {});
    body.append(titled(`Body: ${kinds.map(([kind]) => kind).join(", ")}`, ...kinds.flatMap(([, { schema }]) => inside(schema || {}, []))));
  }
  const answers = Object.entries(operation.responses || {}).map(([status, answer]) => [status, resolve(answer)]);
  body.append(titled("Answer", ...answers.filter(([status]) => isGood(status)).map(([status, answer]) => answerRow(status, answer))));
  const bad = answers.filter(([status]) => !isGood(status)).flatMap(([status, answer]) => refusalRows(status, answer));
  if (bad.length) body.append(titled("Refusals", el("p", { class: "as" }, "As ", el("code", {}, PROBLEM), ": ", schemaLink("Problem")), ...bad));
  if (answers[0]?.[0] !== "101") body.append(titled("With curl", sample(curl(method, path, operation))));
  return body;
}

function pathNodes(path) {
  const isApi = path.startsWith(`${PREFIX}/`);
  const rest = isApi ? path.slice(PREFIX.length) : path;
  const parts = rest.split(/(\{\w+\})/).map((part) => (part.startsWith("{") ? el("span", { class: "hole" }, part) : part));
  return [isApi ? el("span", { class: "fixed" }, PREFIX) : null, ...parts];
}

/** A part of the page that is built when it is opened for the first time. */
function lazy(node, build) {
  let isBuilt = false;
  const fill = () => {
    if (isBuilt || !node.open) return;
    isBuilt = true;
    node.append(build());
  };
  node.addEventListener("toggle", fill);
  return node;
}

/** Every word that a search may find an entry by. */
function wordsOf(value, found = [], seen = new Set()) {
  if (typeof value === "string") found.push(value);
  else if (Array.isArray(value)) for (const item of value) wordsOf(item, found, seen);
  else if (value && typeof value === "object") {
    if (value.$ref) {
      if (seen.has(value.$ref)) return found;
      seen.add(value.$ref);
      if (value.$ref.includes("/responses/")) return wordsOf(resolve(value), found, seen);
      found.push(nameOf(value));
      return found;
    }
    for (const [key, item] of Object.entries(value)) {
      found.push(key);
      wordsOf(item, found, seen);
    }
  }
  return found;
}

const entries = [];

function addEntry(node, link, words) {
  entries.push({ node, link, words: words.join(" ").toLowerCase() });
}

function showOperation(method, path, operation, list) {
  const id = operation.operationId;
  const badge = () => el("span", { class: `method ${method}` }, method.toUpperCase());
  const node = el(
    "details",
    { class: "operation", id },
    el(
      "summary",
      {},
      badge(),
      el("h3", { class: "path" }, pathNodes(path)),
      el("span", { class: "gist" }, inline(operation.summary || "")),
    ),
  );
  lazy(node, () => operationBody(method, path, operation));
  const link = el("li", {}, el("a", { href: `#${id}` }, badge(), el("span", {}, inline((operation.summary || id).replace(/\.$/, "")))));
  list.append(link);
  const request = operation.requestBody?.content?.["application/json"]?.schema;
  addEntry(node, link, [path, method, id, ...wordsOf(operation), ...(request ? wordsOf(resolve(request)) : [])]);
  return node;
}

function showSchema(name, schema, list) {
  const text = schema.description || "";
  const gist = text.split("\n")[0];
  const node = el(
    "details",
    { class: "schema", id: `schema-${name}` },
    el("summary", {}, el("h3", { class: "path" }, name), el("span", { class: "gist" }, inline(gist))),
  );
  const rest = text.slice(gist.length).trim();
  lazy(node, () => {
    const reference = { $ref: `#/components/schemas/${name}` };
    const view = plain(reference);
    const held = inside(reference, []);
    const isTold = view.enum && view.enum.every((value) => rest.includes(`\`${value}\``));
    return el(
      "div",
      { class: "body" },
      rest ? prose(rest) : null,
      ...(isTold ? [] : held),
      held.length ? null : el("p", { class: "kind" }, kindText(reference)),
    );
  });
  const link = el("li", {}, el("a", { href: `#schema-${name}` }, name));
  list.append(link);
  addEntry(node, link, [name, ...wordsOf(schema)]);
  return node;
}

function show() {
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");
  const { info } = description;
  const found = el("p", { id: "found", role: "status" });
  main.replaceChildren(
    el("div", { class: "intro", id: "top" }, el("h1", {}, `${info.title} API`), el("p", { class: "version" }, `Version ${info.version} · OpenAPI ${description.openapi}`), prose(info.description)),
    found,
  );
  const operations = Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([, operation]) => operation.operationId).map(([method, operation]) => ({ path, method, operation })));
  const section = (title, text, build) => {
    const list = el("ul");
    const held = build(list);
    if (!held.length) return;
    const heading = el("h2", {}, title);
    contents.append(heading, list);
    const node = el("section", { class: "tag" }, el("h2", {}, title), text ? el("p", { class: "about" }, inline(text)) : null, held);
    main.append(node);
  };
  for (const tag of description.tags) {
    section(tag.name, tag.description, (list) =>
      operations
        .filter(({ operation }) => operation.tags?.[0] === tag.name)
        .map(({ method, path, operation }) => showOperation(method, path, operation, list)));
  }
  section("Schemas", "What bodies and answers are made of.", (list) =>
    Object.entries(description.components.schemas)
      .sort(([one], [other]) => one.localeCompare(other))
      .map(([name, schema]) => showSchema(name, schema, list)));
}

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { node, link, words: own } of entries) {
    const isFound = words.every((word) => own.includes(word));
    node.hidden = link.hidden = !isFound;
    count += isFound ? 1 : 0;
  }
  for (const node of document.querySelectorAll("section.tag")) {
    node.hidden = ![...node.querySelectorAll(":scope > details")].some((entry) => !entry.hidden);
  }
  for (const list of document.querySelectorAll("#contents ul")) {
    list.hidden = list.previousElementSibling.hidden = [...list.children].every((item) => item.hidden);
  }
  document.querySelector(".intro .text").hidden = words.length > 0;
  const found = document.getElementById("found");
  found.replaceChildren();
  if (!words.length) {
    found.append(el("button", { type: "button", onclick: () => openAll(true) }, "Open all"), el("button", { type: "button", onclick: () => openAll(false) }, "Close all"));
  } else {
    found.append(count ? `${count} found` : "Nothing is found. Try a path, a field or an error code.");
  }
}

function openAll(open) {
  for (const { node } of entries) node.open = open;
}

function goToHash() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.hidden || target?.id === "top") {
    document.getElementById("search").value = "";
    search("");
  }
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector("summary").focus({ preventScroll: true });
}

async function start() {
  try {
    const answer = await fetch(`${PREFIX}/openapi.json`);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    description = await answer.json();
  } catch (error) {
    document.getElementById("state").textContent = `The description cannot be loaded: ${error.message}. Reload to try again.`;
    return;
  }
  show();
  search("");
  goToHash();
  window.addEventListener("hashchange", goToHash);
  const input = document.getElementById("search");
  input.addEventListener("input", () => search(input.value));
  document.getElementById("search-form").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    } else if (event.key === "Escape" && event.target === input && input.value) {
      input.value = "";
      search("");
    }
  });
}

start();
