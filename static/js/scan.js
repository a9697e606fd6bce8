// The officer's scanner: a ticket's QR code from the camera or from a photo goes into #scan-form, which is sent as if
// somebody had typed the code. Without a camera or without this script the form still takes a typed code.
//
// #scanner is empty, so that nobody meets buttons that do nothing. It tells where the reader for browsers without
// BarcodeDetector lies: data-reader-js (a script), data-reader-wasm.
(() => {
  'use strict';
  const root = document.getElementById('scanner');
  const form = document.getElementById('scan-form');
  if (!root || !form) return;

  const SAME_CODE_AFTER = 3000, OTHER_WAYS_AFTER = 4000, PAUSE = 120;
  const CAMERA_WIDTH = 800, PHOTO_WIDTH = 1600;
  const OTHER_WAYS = 'Ketik kode di bawah, atau pilih foto tiket.';
  const input = form.elements.namedItem('code');

  // --- What the page shows ---

  function make(tag, about = {}, ...inside) {
    const node = Object.assign(document.createElement(tag), about);
    node.append(...inside);
    return node;
  }
  const button = (text, kind, about) => make('button', { type: 'button', className: `btn ${kind}`, ...about }, text);
  const video = make('video', { playsInline: true, muted: true });
  video.setAttribute('aria-label', 'Gambar kamera');
  const lightButton = button('Lampu', 'btn-second', { hidden: true });
  const view = make('div', { className: 'scan-view', hidden: true }, video, lightButton);
  const told = make('p', { className: 'scan-say' });
  told.setAttribute('role', 'status');
  const startButton = button('Nyalakan kamera', '');
  const stopButton = button('Matikan kamera', 'btn-second', { hidden: true });
  const photo = make('input', { type: 'file', accept: 'image/*', className: 'vh' });
  const photoButton = make('label', { className: 'btn btn-second file' }, 'Baca dari foto', photo);
  root.append(view, told, make('div', { className: 'actions' }, startButton, stopButton, photoButton));
  const say = (text) => { if (told.textContent !== text) told.textContent = text; };

  // --- Reading a picture ---

  const canvas = document.createElement('canvas');
  const brush = canvas.getContext('2d', { willReadFrequently: true });

  function pixels(source, widest) {
    const width = source.videoWidth || source.width, height = source.videoHeight || source.height;
    const scale = Math.min(1, widest / width);
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    brush.drawImage(source, 0, 0, canvas.width, canvas.height);
    return brush.getImageData(0, 0, canvas.width, canvas.height);
  }

  async function ownReader() {
    if (!('BarcodeDetector' in window)) return null;
    try {
      if (!(await BarcodeDetector.getSupportedFormats()).includes('qr_code')) return null;
      const detector = new BarcodeDetector({ formats: ['qr_code'] });
      await detector.detect(new ImageData(8, 8)); // some phones list the format and then cannot read
      return async (source) => (await detector.detect(source))[0]?.rawValue;
    } catch {
      return null;
    }
  }

  function loadScript(address) {
    const only = (url) => {
      if (url !== address) throw new TypeError('not our reader');
      return url;
    };
    const rule = window.trustedTypes?.createPolicy('scan', { createScriptURL: only });
    return new Promise((done, failed) => {
      const script = document.createElement('script');
      script.onload = done;
      script.onerror = () => failed(new Error('the reader did not load'));
      script.src = rule ? rule.createScriptURL(address) : address;
      document.head.append(script);
    });
  }

  async function otherReader() {
    if (!window.ZXingWASM) await loadScript(root.dataset.readerJs);
    const wasm = new URL(root.dataset.readerWasm, location.href).href;
    await ZXingWASM.prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
    const options = { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 1 };
    return async (source, widest) => (await ZXingWASM.readBarcodes(pixels(source, widest), options))[0]?.text;
  }

  let readerPromise;
  function reader() {
    readerPromise ??= ownReader().then((own) => own || otherReader()).catch((error) => {
      readerPromise = undefined; // the next try loads it again
      throw error;
    });
    return readerPromise;
  }

  // Kept for this tab: whether the camera was on, and the last code, since every scan loads a page.
  const recall = (key) => { try { return sessionStorage.getItem(key) || ''; } catch { return ''; } };
  const keep = (key, text) => { try { sessionStorage.setItem(key, text); } catch { /* storage is off */ } };

  let lastCode = recall('scan-code'), lastSeen = Date.now();
  function found(code) {
    const now = Date.now();
    const again = code === lastCode && now - lastSeen < SAME_CODE_AFTER;
    if (form.querySelector('[aria-disabled=true]')) return; // the last one is still being sent
    if (again) {
      lastSeen = now; // a ticket held before the camera is one scan, however long
      say('Kode ini sudah terbaca. Arahkan ke tiket lain.');
      return;
    }
    lastCode = code;
    lastSeen = now;
    keep('scan-code', code);
    input.value = code;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
    say('Kode terbaca.');
    form.requestSubmit();
  }

  // --- The camera ---

  let stream = null, wanted = false, round = 0;

  function release() {
    round += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    view.hidden = true;
    lightButton.hidden = true;
  }

  function show(on) {
    if (document.activeElement === (on ? startButton : stopButton)) {
      const other = on ? stopButton : startButton;
      other.hidden = false;
      other.focus();
    }
    startButton.hidden = on;
    stopButton.hidden = !on;
  }

  const WHY = {
    NotAllowedError: 'Kamera belum diizinkan. Buka setelan situs di peramban, lalu coba lagi.',
    NotFoundError: 'Kamera tidak ditemukan.',
    NotReadableError: 'Kamera sedang dipakai aplikasi lain.',
  };

  async function start() {
    release();
    const mine = round;
    wanted = true;
    show(true);
    say('Menyiapkan kamera…');
    const slow = setTimeout(() => say(`Kamera belum siap. ${OTHER_WAYS}`), OTHER_WAYS_AFTER);
    try {
      const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
      const taken = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: 'environment' }, ...size } });
      if (mine !== round) { // stopped while it was asked for
        taken.getTracks().forEach((track) => track.stop());
        return;
      }
      stream = taken;
      const [track] = stream.getVideoTracks();
      track.addEventListener('ended', () => { if (mine === round) end(`Kamera berhenti. ${OTHER_WAYS}`); });
      video.srcObject = stream;
      view.hidden = false;
      await video.play();
      lightButton.hidden = !track.getCapabilities?.().torch;
      lightButton.setAttribute('aria-pressed', 'false');
      const read = await reader().catch(() => null);
      if (mine !== round) return;
      if (!read) {
        end('Pembaca kode QR tidak bisa dimuat. Ketik kode di bawah.');
        return;
      }
      keep('scan-camera', 'on');
      lastSeen = Date.now();
      say('Arahkan kamera ke kode QR pada tiket.');
      look(read, mine);
    } catch (error) {
      if (mine === round) end(`${WHY[error.name] || 'Kamera tidak bisa dipakai di sini.'} ${OTHER_WAYS}`);
    } finally {
      clearTimeout(slow);
    }
  }

  async function look(read, mine) {
    while (mine === round) {
      try {
        const code = video.readyState >= video.HAVE_CURRENT_DATA && await read(video, CAMERA_WIDTH);
        if (code && mine === round) found(code);
      } catch { /* a frame that cannot be read; the next one comes */ }
      await new Promise((done) => { setTimeout(done, PAUSE); });
    }
  }

  function end(text) {
    release();
    wanted = false;
    keep('scan-camera', '');
    show(false);
    say(text);
  }

  async function readPhoto() {
    const [file] = photo.files;
    if (!file) return;
    say('Membaca foto…');
    try {
      const picture = await createImageBitmap(file);
      const code = await (await reader())(picture, PHOTO_WIDTH);
      if (code) { lastCode = ''; found(code); } // chosen by hand: never a repetition
      else say('Tidak ada kode QR yang terbaca di foto ini. Ketik kode di bawah.');
    } catch {
      say('Foto ini tidak bisa dibaca. Ketik kode di bawah.');
    }
    photo.value = ''; // the same photo may be chosen again
  }

  startButton.addEventListener('click', start);
  stopButton.addEventListener('click', () => end(''));
  lightButton.addEventListener('click', async () => {
    const on = lightButton.getAttribute('aria-pressed') !== 'true';
    try {
      await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
      lightButton.setAttribute('aria-pressed', String(on));
    } catch {
      lightButton.hidden = true;
    }
  });
  photo.addEventListener('change', readPhoto);
  // A camera that runs unseen eats the battery, and phones take it away anyway.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) release();
    else if (wanted) start();
  });
  addEventListener('pagehide', release);
  addEventListener('pageshow', (event) => { if (event.persisted && wanted) start(); });
  document.addEventListener('htmx:afterRequest', ({ detail }) => {
    if (detail.elt === form && detail.successful) input.value = '';
  });

  if (recall('scan-camera')) start();
})();
