// Shows a page to a worker as a notice of this browser, tells the service that it was shown, and opens the console when
// it is pressed. It sees no page of the console and answers no request.
const SHOWN = new URL('../../channels/push/shown', location);
const AGAIN = [0, 1, 2, 4, 8, 16]; // seconds: the service may not have marked the page as sent, the line may be down

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('push', (event) => event.waitUntil(show(event.data.json())));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});

async function show({ say, about, token }) {
  const opens = new URL(about ? `../queue#alert-${encodeURIComponent(about)}` : '..', location).href;
  await self.registration.showNotification(say, {
    tag: about || token, // a later page of the same alert takes the place of the one before, and rings too
    renotify: true,
    requireInteraction: true,
    data: opens,
  });
  for (const seconds of AGAIN) {
    await new Promise((then) => setTimeout(then, seconds * 1000));
    if (await told(token)) return;
  }
}

async function told(token) {
  try {
    return (await fetch(SHOWN, { method: 'POST', body: token, credentials: 'omit' })).ok;
  } catch {
    return false;
  }
}
