// Single keys, and a sound when an alert comes: each worker's own choice, kept with the account. A key never acts by
// itself: it brings the focus to what Enter then presses, so that a slip of the hand claims nothing.
const wanted = document.body.dataset.cues.split(' ');
const sheet = document.querySelector('#keys');

const rows = () => [...document.querySelectorAll('.rows li[id] :is(button, a.button, a.quiet), .onward a')];

function step(by) {
  const all = rows(), at = all.indexOf(document.activeElement);
  all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]?.focus();
}

const KEYS = {
  n: () => document.querySelector('#take')?.focus(),
  j: () => step(1),
  k: () => step(-1),
  r: () => document.querySelector('#text')?.focus(),
  q: () => document.querySelector('nav a')?.focus(),
  '/': () => document.querySelector('#find')?.focus(),
  '?': () => sheet.showModal(),
};

function pressed(event) {
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  if (typing || sheet.open || event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
}

// No file is fetched: the tone is made here. Browsers let a page sound only after somebody has pressed something in it.
const TONES = { p0: [880, 660, 880, 660, 880, 660], p1: [880, 660, 880], p2: [660], p3: [] };
const silent = document.querySelector('#silent');
let audio;

function wake() {
  audio ??= new AudioContext();
  audio.resume();
  silent.hidden = true;
}

function play(tones) {
  tones.forEach((pitch, place) => {
    const tone = audio.createOscillator(), loud = audio.createGain(), at = audio.currentTime + place * 0.22;
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.21);
  });
  document.body.dataset.played = Number(document.body.dataset.played ?? 0) + 1;
}

const waiting = () => new Map([...document.querySelectorAll('#waiting li[id]')].map((row) => [row.id, row.className]));

function hear() {
  let known = waiting();
  new MutationObserver(() => {
    const now = waiting();
    const tiers = Object.keys(TONES).filter((tier) => [...now].some(([id, kind]) => !known.has(id) && kind.includes(`row-${tier}`)));
    known = now;
    if (audio && tiers.length) play(TONES[tiers[0]]);
  }).observe(document.querySelector('#page'), { childList: true, subtree: true });
  silent.hidden = false;
  for (const press of ['pointerdown', 'keydown']) addEventListener(press, wake, { once: true });
}

if (wanted.includes('keys') && sheet) {
  addEventListener('keydown', pressed);
  sheet.querySelector('#keys-close').addEventListener('click', () => sheet.close());
}
if (wanted.includes('sound') && silent) hear();
