// Sign-in and REST. The access token lives in memory only; the refresh cookie is HttpOnly and brings a new one.
import { newId } from "./realtime.js";

const BASE = "/api/v1";
const CHAT = `${BASE}/admin/live-chat`;
/** Only says that asking for a renewal makes sense; holds no secret. */
const HINT = "linedesk.signed_in";

let access = null;
let expiresAt = 0;
let renewing = null;
let timer = 0;

/** Set by the page: `renewed(token)` after every silent renewal, `ended()` when only a new sign-in helps. */
export const hooks = { renewed() {}, ended() {} };

/** A refusal or failure: `code`, and what the server said about it. */
export class Fault extends Error {
  constructor(fields) {
    super(fields.detail ?? fields.code);
    Object.assign(this, fields);
  }
}

const away = () => new Fault({ code: "offline" });

async function exchange(method, path, { body, token, signal } = {}) {
  const headers = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token) headers.authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    throw error.name === "AbortError" ? error : away();
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer;
  const seconds = Number(response.headers.get("retry-after"));
  throw new Fault({
    // A proxy in front may answer without our codes.
    code: answer?.code ?? (response.status >= 500 ? "unavailable" : "invalid_request"),
    status: response.status,
    detail: answer?.detail,
    details: answer?.details,
    request_id: answer?.request_id ?? response.headers.get("x-request-id"),
    retry_after_ms: seconds > 0 ? seconds * 1000 : undefined,
  });
}

function keep(answer) {
  access = answer.access_token;
  expiresAt = Date.now() + answer.expires_in * 1000;
  localStorage.setItem(HINT, "1");
  schedule(Math.max(answer.expires_in - 60, 5) * 1000);
  return answer.user;
}

function forget() {
  access = null;
  clearTimeout(timer);
  localStorage.removeItem(HINT);
}

function schedule(ms) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      await renew();
    } catch (error) {
      if (error.refused) hooks.ended();
      else schedule(10_000);
    }
  }, ms);
}

/** One tab at a time: a refresh cookie that is used twice ends the whole sign-in (AU2). */
async function alone(work) {
  if (navigator.locks) return navigator.locks.request("linedesk.refresh", work);
  // Plain http on a local network has no Web Locks.
  const key = "linedesk.refresh_lock", mine = newId();
  for (let tries = 0; tries < 60; tries++) {
    const [, until] = (localStorage.getItem(key) ?? "|0").split("|");
    if (Number(until) < Date.now()) {
      localStorage.setItem(key, `${mine}|${Date.now() + 5000}`);
      await new Promise((done) => setTimeout(done, 50));
      if (localStorage.getItem(key)?.startsWith(mine)) break;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  try {
    return await work();
  } finally {
    if (localStorage.getItem(key)?.startsWith(mine)) localStorage.removeItem(key);
  }
}

function renew() {
  renewing ??= alone(() => exchange("POST", `${BASE}/auth/refresh`))
    .then((answer) => {
      const user = keep(answer);
      hooks.renewed(access);
      return user;
    })
    .catch((error) => {
      if (error.status === 401) {
        forget();
        error.refused = true;
      }
      throw error;
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

/** Whether a silent sign-in may work. */
export const mayResume = () => localStorage.getItem(HINT) === "1";
/** The operator whom the refresh cookie stands for; `refused` on the error when it stands for nobody. */
export const resume = () => renew();

export async function signIn(username, password) {
  return keep(await exchange("POST", `${BASE}/auth/login`, { body: { username, password } }));
}

export async function signOut() {
  const token = access;
  await exchange("POST", `${BASE}/auth/logout`, { token });
  forget();
}

/** A token that is good for now; `force` asks for a new one whatever the clock says. */
export async function token(force) {
  if (force || !access || Date.now() > expiresAt - 5000) await renew();
  return access;
}

/** A request under `/admin/live-chat`. */
export async function call(method, path, body, signal) {
  try {
    return await exchange(method, CHAT + path, { body, signal, token: await token(false) });
  } catch (error) {
    if (error.status !== 401 || error.refused) {
      if (error.refused) hooks.ended();
      throw error;
    }
  }
  try {
    return await exchange(method, CHAT + path, { body, signal, token: await token(true) });
  } catch (error) {
    if (error.refused) hooks.ended();
    throw error;
  }
}
