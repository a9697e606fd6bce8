// Forms, on every page. All works without it: it keeps a second tap from sending twice, takes the focus to what is
// wrong, and keeps the page when there is no signal. The server is the one that makes sending twice harmless; here it
// is only about calm.
(() => {
  'use strict';
  const WORDS_AFTER = 300, SLOW_AFTER = 8000, RETRY_AFTER = 25000;
  const busy = new Map(); // form -> how to undo

  const say = (text) => {
    const status = document.getElementById('status') || document.getElementById('toast');
    if (status && status.id === 'status') status.textContent = text;
  };

  function hold(form, button) {
    const nodes = button ? [...button.childNodes] : [];
    const timers = [];
    const words = (text) => { if (button) button.replaceChildren(text); say(text); };
    const later = (wait, act) => timers.push(setTimeout(act, wait));
    if (button) button.setAttribute('aria-disabled', 'true');
    later(WORDS_AFTER, () => words(button?.dataset.busy || 'Mengirim…'));
    later(SLOW_AFTER, () => words('Sinyal lambat, masih mencoba'));
    later(RETRY_AFTER, () => release(form));
    busy.set(form, () => {
      timers.forEach(clearTimeout);
      if (!button) return;
      button.removeAttribute('aria-disabled');
      button.replaceChildren(...nodes);
    });
  }

  function release(form) {
    busy.get(form)?.();
    busy.delete(form);
    say('');
  }

  // Without a network the browser would leave for its own error page, and what was typed would be gone. A browser that
  // thinks so is asked to prove it.
  const reached = new WeakSet();
  const offline = Object.assign(document.createElement('p'), { className: 'panel panel-bad' });
  offline.setAttribute('role', 'alert');
  function stay(form, button) {
    offline.remove(); // told anew at every try
    offline.textContent = 'Tidak ada sinyal. Belum terkirim, isian Anda tetap di sini. Kirim lagi bila sinyal kembali.';
    if (button) button.before(offline); else form.append(offline);
    offline.scrollIntoView({ block: 'nearest' });
  }
  addEventListener('online', () => offline.remove());

  addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.target === '_blank' || 'again' in form.dataset) return;
    if (busy.has(form)) { event.preventDefault(); return; }
    const button = event.submitter || form.querySelector('button:not([type=button])');
    if (!navigator.onLine && !reached.delete(form)) {
      event.preventDefault();
      fetch('/healthz', { method: 'HEAD', cache: 'no-store' })
        .then(() => { reached.add(form); form.requestSubmit(button); }, () => stay(form, button));
      return;
    }
    offline.remove();
    hold(form, button);
  });
  // Back from the next page: the browser may show this one as it was, busy.
  addEventListener('pageshow', () => [...busy.keys()].forEach(release));

  // The answer to a form stands in the history as that form, and Back to it would show an error of the browser. From
  // now on it stands there as the page that data-here names; empty is the address as it is.
  const answer = document.querySelector('[data-here]');
  if (answer) history.replaceState(null, '', answer.dataset.here);

  document.querySelector('[data-errors]')?.focus();
})();
