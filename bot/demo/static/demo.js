// The demo's page without reloading. The forms are the page's own; live.js keeps the regions up to date.
import { ask, swap } from '/console/static/live.js';

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.hasAttribute('data-here')) return;
  event.preventDefault();
  const clear = form.hasAttribute('data-clear');
  form.classList.add('is-sending');
  ask('POST', form.action, form, (doc) => { form.classList.remove('is-sending'); if (doc) swap(doc); }, () => form.classList.remove('is-sending'));
  if (clear) form.elements.text.value = '';
});

document.addEventListener('change', (event) => {
  if (event.target.hasAttribute('data-at-once')) event.target.form.requestSubmit();
});

// The clock ticks by the server's time, which the demo moves.
let from = '', skew = 0;
function tick() {
  const time = document.querySelector('#time');
  if (time.dateTime !== from) { from = time.dateTime; skew = Date.parse(from) - Date.now(); }
  const zone = { timeZone: time.dataset.zone };
  const now = new Date(Date.now() + skew);
  const day = now.toLocaleDateString('en-GB', { ...zone, weekday: 'short', day: 'numeric', month: 'short' });
  time.textContent = `${day}, ${now.toLocaleTimeString('en-GB', zone)}`;
}
setInterval(tick, 1000);
tick();
