// The officer's scanner: a ticket's QR code from the camera or from a photo goes into #scan-form, which is sent as if
// somebody had typed the code. Without a camera or without this script the form still takes a typed code.
//
// #scanner tells where the reader for browsers without BarcodeDetector lies: data-reader (script), data-wasm.
(() => {
  'use strict';
  const root = document.getElementById('scanner');
  const form = document.getElementById('scan-form');
  if (!root || !form) return;

  const SAME_CODE_AFTER = 3000, OTHER_WAYS_AFTER = 4000, PAUSE = 120;
  const CAMERA_WIDTH = 800, PHOTO_WIDTH = 1600;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const view = part('view'), video = root.querySelector('video');
  const startButton = part('start'), stopButton = part('stop'), lightButton = part('light'), photo = part('photo');
  const input = form.elements.namedItem('code');
  const OTHER_WAYS = 'Ketik kode di bawah, atau pilih foto tiket.';
  const say = (text) => { part('say').textContent = text; };

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
    if (!window.ZXingWASM) await loadScript(root.dataset.reader);
    const wasm = new URL(root.dataset.wasm, location.href).href;
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

  let lastCode = '', lastSeen = 0;
  function found(code) {
    const now = Date.now();
    const again = code === lastCode && now - lastSeen < SAME_CODE_AFTER;
    lastSeen = now; // a ticket held before the camera is one scan, however long
    if (again || form.dataset.sending) return;
    lastCode = code;
    input.value = code;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
    say('Kode terbaca.');
    form.requestSubmit();
  }

  // --- The camera ---

  let stream = null, wanted = false, round = 0;
  const remember = (on) => { try { sessionStorage.setItem('camera', on ? 'on' : ''); } catch { /* private mode */ } };
  const remembered = () => { try { return sessionStorage.getItem('camera') === 'on'; } catch { return false; } };

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
      const read = await reader();
      if (mine !== round) return;
      remember(true);
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
    remember(false);
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
      if (code) found(code);
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

  root.querySelectorAll('[data-with-script]').forEach((node) => { node.hidden = false; });
  if (remembered()) start();
})();
