// Makes this browser a way of being paged: it is asked for leave to show notices and for a subscription, which the form
// then sends. Where that cannot be, the page says why.
const box = document.querySelector('#browser');
const form = box.querySelector('form');
const worker = box.dataset.worker;

function say(state) {
  box.querySelector('[role=status]').textContent = box.dataset[state] ?? '';
  form.hidden = state !== 'ready' && state !== 'failed';
}

function state() {
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'unable';
  return Notification.permission === 'denied' ? 'denied' : 'ready';
}

const listed = (subscription) => [...document.querySelectorAll('[data-browser]')].some((way) => subscription.endpoint.endsWith(way.dataset.browser));

// The console's policy lets no text become a script's address; here this one may.
const policy = globalThis.trustedTypes?.createPolicy('notices', { createScriptURL: () => worker });

async function started() {
  const registration = await navigator.serviceWorker.register(policy ? policy.createScriptURL('') : worker);
  const coming = registration.installing ?? registration.waiting;
  if (!registration.active) await new Promise((then) => coming.addEventListener('statechange', () => coming.state === 'activated' && then()));
  return registration.pushManager;
}

async function subscribed(manager) {
  const wanted = { userVisibleOnly: true, applicationServerKey: box.dataset.key };
  try {
    return await manager.subscribe(wanted);
  } catch (failed) {
    if (failed.name !== 'InvalidStateError') throw failed;
    await (await manager.getSubscription()).unsubscribe(); // of a key that the service has no more
    return manager.subscribe(wanted);
  }
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (await Notification.requestPermission() === 'denied') return say('denied');
  try {
    const subscription = await subscribed(await started());
    const { endpoint, keys } = subscription.toJSON();
    form.elements.address.value = `${keys.auth} ${keys.p256dh} ${endpoint}`;
    form.submit();
  } catch {
    say('failed');
  }
});

say(state());
if (state() === 'ready') {
  const registration = await navigator.serviceWorker.getRegistration(worker);
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription && listed(subscription)) say('here');
}
