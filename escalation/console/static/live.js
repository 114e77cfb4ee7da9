// Keeps a page up to date so that a strict policy holds: no inline code, no string made markup.
// A stream says that something changed; the page asks for its moving parts, as a document that the browser has parsed
// itself, and swaps in those that differ. Without scripts the same forms and addresses do the same work by hand.
const page = document.querySelector('#page');
const light = document.querySelector('#live');
let skew = 0; // the server's clock minus this browser's, in ms: the demo moves the server's
let busy = false, again = false, source, watch, retry;

function ask(method, url, form, answered, failed) {
  const request = new XMLHttpRequest();
  request.open(method, url);
  request.responseType = 'document';
  request.timeout = 10000;
  request.onload = () => answered(request.response, request);
  request.onerror = request.ontimeout = failed;
  if (form) request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
  request.send(form ? new URLSearchParams(new FormData(form)).toString() : null);
}

function show(state) {
  document.body.classList.toggle('is-live', state === 'on');
  document.body.classList.toggle('is-lost', state === 'lost');
  const text = light.querySelector('.live-text');
  if (text.textContent !== light.dataset[state]) text.textContent = light.dataset[state];
}

function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  clearTimeout(retry);
  const lost = () => { show('lost'); retry = setTimeout(refresh, 5000); };
  const done = () => { busy = false; if (again) { again = false; refresh(); } };
  const form = page.dataset.form ? document.getElementById(page.dataset.form) : null;
  ask(form ? 'POST' : 'GET', page.dataset.refresh, form, (doc, request) => {
    if (request.status === 401) return location.assign(`${page.dataset.home}?notice=gone`);
    if (request.status === 200 && doc) { swap(doc); show('on'); } else lost();
    done();
  }, () => { lost(); done(); });
}

// What the server sent, whatever has ticked since.
const key = (part) => part.outerHTML.replace(/(<time class="tick"[^>]*>)[^<]*/g, '$1').replaceAll(' fresh"', '"');

function swap(doc) {
  const focused = document.activeElement?.id;
  for (const next of doc.querySelectorAll('[data-live]')) {
    const now = document.getElementById(next.id);
    if (!now || key(now) === key(next) || 'shape' in now.dataset && now.dataset.shape === next.dataset.shape) continue;
    if (now.querySelector(':active')) { afterPress(refresh); continue; } // what is being pressed is not taken away
    if (now.getAttribute('role') !== 'status') now.replaceWith(merged(now, next));
    else if (now.textContent !== next.textContent) now.textContent = next.textContent;
  }
  skew = Date.parse(doc.querySelector('[data-now]')?.dataset.now) - Date.now() || 0;
  if (doc.title) document.title = doc.title;
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  tick();
}

function afterPress(then) {
  for (const end of ['pointerup', 'pointercancel', 'keyup']) addEventListener(end, then, { once: true });
}

// Items that did not change stay the same items: what is being read, pressed or spoken is not taken away.
function merged(now, next) {
  const old = new Map([...now.querySelectorAll('li[id]')].map((item) => [item.id, item]));
  const fresh = document.importNode(next, true);
  for (const item of fresh.querySelectorAll('details[id]')) item.open = !!document.getElementById(item.id)?.open;
  for (const item of fresh.querySelectorAll('li[id]')) {
    const was = old.get(item.id);
    if (was && key(was) === key(item)) item.replaceWith(was);
    else if (!was && old.size) item.classList.add('fresh');
  }
  return fresh;
}

function tick() {
  const server = Date.now() + skew;
  for (const clock of document.querySelectorAll('.tick')) {
    const until = clock.dataset.until, gap = Date.parse(until ?? clock.dataset.since) - server;
    const seconds = Math.floor(Math.abs(gap) / 1000);
    if (until && gap <= 0 && clock.was === 'early') refresh();
    clock.was = gap > 0 ? 'early' : 'late';
    if (seconds < 3600) clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

function listen() {
  source?.close();
  source = new EventSource(page.dataset.stream);
  const alive = () => { clearTimeout(watch); watch = setTimeout(listen, 45000); };
  source.onopen = () => { alive(); refresh(); };
  source.addEventListener('changed', () => { alive(); refresh(); });
  source.addEventListener('beat', alive);
  source.addEventListener('gone', () => location.assign(`${page.dataset.home}?notice=gone`));
  source.onerror = () => { show('lost'); refresh(); clearTimeout(watch); watch = setTimeout(listen, 3000); };
}

if (page) {
  skew = Date.parse(document.querySelector('[data-now]').dataset.now) - Date.now();
  setInterval(tick, 1000);
  // Longer spans are worded by the server, and a lost change is seen at last. A case is read less: readings are recorded.
  setInterval(refresh, page.dataset.form ? 120000 : 30000);
  listen();
}
export { ask, swap };
