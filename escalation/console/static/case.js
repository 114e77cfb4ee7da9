// On the case page: a message goes out without leaving the page, and the worker's own typing renews the claim.
import { ask, swap } from './live.js';

const EVERY = 60000; // ms between two renewals
let renewed = Date.now();

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.hasAttribute('data-quiet')) return;
  event.preventDefault();
  const box = form.querySelector('textarea'), button = form.querySelector('button'), told = form.querySelector('.reply-told');
  const tell = (text) => { told.textContent = text; told.hidden = !text; button.disabled = false; };
  button.disabled = true;
  ask('POST', form.action, form, (doc, request) => {
    if (!doc || new URL(request.responseURL).pathname === document.querySelector('#page').dataset.home) return tell(form.dataset.out);
    tell(request.status === 200 ? '' : doc.querySelector('.refused')?.textContent.trim() ?? form.dataset.unsent);
    const asked = form.elements.confirmed; // shown where the words may go only if she asked for what is in them
    asked.closest('label').hidden = doc.querySelector('.reply-asked')?.hidden ?? true;
    if (request.status !== 200) return;
    box.value = '';
    asked.checked = false;
    form.elements.nonce.value = doc.querySelector('[name=nonce]')?.value ?? crypto.randomUUID();
    swap(doc);
    box.focus({ preventScroll: true });
  }, () => tell(form.dataset.unsent));
});

document.addEventListener('input', () => {
  const form = document.querySelector('#renew-form');
  if (!form || Date.now() - renewed < EVERY) return;
  renewed = Date.now();
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
  request.send(`${new URLSearchParams(new FormData(form))}&quiet=1`);
});
