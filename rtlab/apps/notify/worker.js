// The service worker: the part of an application that the browser can wake when no page of it is open.

import {decrypt, fromText, load} from "./push.js";

// From a vendor's push service: the browser has decrypted it already.
self.addEventListener("push", event => {
  event.waitUntil(show(event.data ? event.data.text() : "", "a push event"));
});

// From the page, which holds the connection to the lab's push service: still encrypted.
self.addEventListener("message", event => {
  if (event.data?.message) event.waitUntil(receive(event.data));
});

async function receive({message, body}) {
  const subscription = await load();
  if (!subscription) return;
  try {
    await show(body ? await decrypt(fromText(body), subscription.keys) : "", "the page's stream");
  } catch (error) {
    await tell({problem: `a message was dropped: ${error.message || error.name}`});
  }
  // Acknowledged in any case: one that cannot be read now cannot be read later either.
  await fetch(new URL(`../..${message}`, self.location), {method: "DELETE"});
}

async function show(text, by) {
  let given;
  try { given = JSON.parse(text); } catch { given = text; }
  const {title, body, tag} = typeof given === "object" && given ? given : {title: String(given)};
  const shown = {title: title || "Something happened", body: body || ""};
  await self.registration.showNotification(shown.title, {body: shown.body, tag: tag || undefined});
  await tell({...shown, by});
}

async function tell(what) {
  for (const page of await self.clients.matchAll({includeUncontrolled: true})) page.postMessage(what);
}

self.addEventListener("notificationclick", event => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({type: "window", includeUncontrolled: true}).then(pages =>
    pages.length ? pages[0].focus() : self.clients.openWindow("./")));
});

// A new version takes over at once: there is no page state to keep to.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));
