// What page and worker share: keys, decryption (RFC 8291, with the browser's own cryptography), and what is kept.

const utf8 = new TextEncoder();
const POINT = 65, SALT = 16, HEAD = 21;

export function toText(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromText(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), character => character.charCodeAt(0));
}

// A key pair and a secret for one subscription. The private key cannot be exported: not even this page can read it.
export async function newKeys() {
  const pair = await crypto.subtle.generateKey({name: "ECDH", namedCurve: "P-256"}, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return {private: pair.privateKey, public: point, auth: crypto.getRandomValues(new Uint8Array(16))};
}

// HKDF with SHA-256 (RFC 5869): mix a secret with a salt, and take so many bytes for a purpose.
async function hkdf(secret, salt, info, bytes) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return crypto.subtle.deriveBits({name: "HKDF", hash: "SHA-256", salt, info}, key, 8 * bytes);
}

function joined(...parts) {
  return new Uint8Array(parts.flatMap(part => [...(typeof part === "string" ? utf8.encode(part) : part)]));
}

// Decrypt one message of one record; the steps are named as in RFC 8291, Appendix A. Rejects for any fault.
export async function decrypt(body, keys) {
  const salt = body.slice(0, SALT), sender = body.slice(HEAD, HEAD + POINT);
  if (body[HEAD - 1] !== POINT) throw new Error("the head does not name the sender's public key");
  const theirs = await crypto.subtle.importKey("raw", sender, {name: "ECDH", namedCurve: "P-256"}, false, []);
  const ecdhSecret = await crypto.subtle.deriveBits({name: "ECDH", public: theirs}, keys.private, 256);
  const ikm = await hkdf(ecdhSecret, keys.auth, joined("WebPush: info\0", keys.public, sender), 32);
  const cek = await hkdf(ikm, salt, utf8.encode("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await hkdf(ikm, salt, utf8.encode("Content-Encoding: nonce\0"), 12);
  const key = await crypto.subtle.importKey("raw", cek, "AES-GCM", false, ["decrypt"]);
  const record = body.slice(HEAD + POINT);
  const padded = new Uint8Array(await crypto.subtle.decrypt({name: "AES-GCM", iv: nonce}, key, record));
  const end = padded.findLastIndex(byte => byte !== 0);
  if (padded[end] !== 2) throw new Error("the record does not end the message");
  return new TextDecoder().decode(padded.slice(0, end));
}

// The subscription, kept where page and worker both find it. A key that cannot be exported can be kept all the same.
function store(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("rtlab-notify", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("kept");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const change = opening.result.transaction("kept", mode);
      const asked = act(change.objectStore("kept"));
      change.oncomplete = () => { opening.result.close(); resolve(asked.result); };
      change.onerror = () => reject(change.error);
    };
  });
}

export const load = () => store("readonly", kept => kept.get("subscription"));
export const keep = subscription => store("readwrite", kept => kept.put(subscription, "subscription"));
export const forget = () => store("readwrite", kept => kept.delete("subscription"));
