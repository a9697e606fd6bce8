// What htmx needs around it on staff pages. A plain deferred script, loaded before htmx.
(() => {
  'use strict';
  const signIn = document.currentScript.dataset.signIn;

  // Trusted Types: htmx may put the server's HTML into the page. There is no rule here for scripts and for addresses
  // of scripts, so both stay forbidden.
  if (window.trustedTypes) trustedTypes.createPolicy('default', { createHTML: (html) => html });

  const region = (id) => document.getElementById(id);
  const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

  // --- What people are told ---

  function alarm(text, link) {
    const line = make('p', text);
    if (link) line.append(' ', link);
    const box = make('div', '');
    box.append(line);
    region('alert').replaceChildren(box);
    box.scrollIntoView({ block: 'nearest' });
  }

  let toastTimer;
  function tidyToast() { // one with an action stays, the others leave
    clearTimeout(toastTimer);
    const toast = region('toast');
    if (!toast.querySelector('button, a')) toastTimer = setTimeout(() => toast.replaceChildren(), 8000);
  }
  document.addEventListener('toast', (event) => { // HX-Trigger: {"toast": "Tersimpan"}
    region('toast').replaceChildren(make('p', event.detail.value));
    tidyToast();
  });

  // --- While a request is on its way ---

  // A busy button keeps the focus and lets taps pass by; it stands for itself, not for the whole page. htmx would queue
  // a second submit and send it afterwards, so the tap is stopped before htmx hears of it.
  const stop = (event) => { event.preventDefault(); event.stopImmediatePropagation(); };
  document.addEventListener('click', (event) => {
    if (event.target.closest('[aria-disabled=true]')) stop(event);
  }, true);
  document.addEventListener('submit', (event) => {
    if (event.target.dataset.sending) stop(event);
  }, true);

  function hold(form, button) { // gives how to make all as before
    const words = button && [...button.childNodes];
    const timer = setTimeout(() => { if (button?.dataset.busy) button.replaceChildren(button.dataset.busy); }, 300);
    if (form) form.dataset.sending = 'yes';
    button?.setAttribute('aria-disabled', 'true');
    return () => {
      clearTimeout(timer);
      if (form) delete form.dataset.sending;
      button?.removeAttribute('aria-disabled');
      button?.replaceChildren(...words);
    };
  }
  const buttonOf = (form, submitter) => submitter || form.querySelector('button:not([type=button])');

  // A plain form without a signal would end on an error page of the browser: it stays, with everything typed in it.
  // onLine knows of a network, not whether it leads anywhere (no credit left, a login wall): our server is asked first.
  const PATIENCE = 8000;
  async function isReached() {
    if (!navigator.onLine) return false;
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
      return answer.ok && await answer.text() === 'ok\n';
    } catch {
      return false;
    }
  }
  const reached = new WeakSet(); // forms that may go now
  document.addEventListener('submit', async (event) => {
    const { target: form, submitter } = event;
    if (form.method !== 'post' || form.hasAttribute('hx-post') || reached.delete(form)) return;
    if ('passkey' in form.dataset) return; // the browser opens its keys at a tap only, not after waiting for an answer
    stop(event);
    const release = hold(form, buttonOf(form, submitter));
    const goes = await isReached();
    release();
    if (goes) {
      reached.add(form);
      form.requestSubmit(submitter);
    } else alarm('Tidak ada sinyal. Belum terkirim, isian Anda tetap di sini. Kirim lagi bila sinyal kembali.');
  }, true);

  const underWay = new WeakMap(); // request -> how to make all as before
  let signedOut = false;

  document.addEventListener('htmx:beforeRequest', (event) => {
    const { elt, target, xhr, requestConfig } = event.detail;
    if (elt.hasAttribute('data-poll')) {
      if (document.hidden || signedOut) event.preventDefault();
      return;
    }
    target?.setAttribute('aria-busy', 'true');
    if (requestConfig.verb === 'get') { // looking something up may be asked again at any time
      underWay.set(xhr, () => target?.removeAttribute('aria-busy'));
      return;
    }
    const form = elt.matches('form') ? elt : null;
    const release = hold(form, form ? buttonOf(form, requestConfig.triggeringEvent?.submitter) : elt.closest('button, a'));
    underWay.set(xhr, () => {
      target?.removeAttribute('aria-busy');
      release();
    });
  });
  document.addEventListener('htmx:afterRequest', ({ detail }) => {
    underWay.get(detail.xhr)?.();
    if (detail.successful) region('alert').replaceChildren();
  });

  // --- What went wrong ---

  function noSignal({ detail }) {
    const reads = detail.requestConfig.verb === 'get';
    alarm(reads ? 'Tidak ada sinyal. Halaman ini belum diperbarui.' : 'Tidak ada sinyal. Belum tersimpan.');
  }
  document.addEventListener('htmx:sendError', noSignal);
  document.addEventListener('htmx:timeout', noSignal);
  document.addEventListener('htmx:responseError', ({ detail: { xhr } }) => {
    if (xhr.status === 401) {
      signedOut = true;
      const here = encodeURIComponent(location.pathname + location.search);
      const link = Object.assign(make('a', 'Masuk lagi'), { href: `${signIn}?next=${here}` });
      alarm('Sesi berakhir. Belum tersimpan.', link);
    } else if (xhr.status === 403) alarm('Peran Anda tidak mencakup tindakan ini. Belum tersimpan.');
    else if (xhr.status === 404) alarm('Data ini sudah tidak ada. Muat ulang halaman.');
    else if (xhr.status === 429) alarm('Terlalu banyak percobaan. Tunggu satu menit, lalu ulangi.');
    else alarm('Ada gangguan di pihak kami. Belum tersimpan, coba lagi.');
  });
  document.addEventListener('htmx:swapError', () => alarm('Halaman gagal diperbarui. Muat ulang halaman.'));

  // --- Where the focus goes after a swap ---

  let held = null; // the id of what was swapped away with the focus in it
  document.addEventListener('htmx:beforeSwap', ({ detail }) => {
    const at = document.activeElement;
    held = at !== document.body && detail.target.contains(at) ? detail.target.id : null;
  });
  document.addEventListener('htmx:afterSettle', ({ target }) => {
    if (target.id === 'toast') tidyToast();
    const wrong = target.matches('[data-errors]') ? target : target.querySelector('[data-errors]');
    const next = target.matches('[data-focus]') ? target : target.querySelector('[data-focus]');
    if (wrong || next) (wrong || next).focus();
    else if (held && target.id === held && (document.activeElement === document.body || !document.activeElement)) {
      const place = target.querySelector('h1, h2, h3, legend') || target;
      if (!place.hasAttribute('tabindex')) place.setAttribute('tabindex', '-1');
      place.focus({ preventScroll: true });
    }
  });
})();
