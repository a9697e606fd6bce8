// Passkeys, on the pages that have a form with data-passkey. Without this script the forms stay hidden and everything
// else on the page works. Nothing is kept here: what the browser answers goes into the form and is sent.
(() => {
  'use strict';
  const form = document.querySelector('form[data-passkey]');
  if (!form || !window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const say = (words) => { form.querySelector('[data-passkey-says]').textContent = words; };
  const { passkey: kind, challenge, rp, rpName, user, userName, known } = form.dataset;

  function answer(found) {
    const { response } = found;
    const parts = { clientDataJSON: text(response.clientDataJSON) };
    for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
      if (response[name]) parts[name] = text(response[name]);
    }
    form.elements.credential.value = JSON.stringify({
      id: found.id, rawId: text(found.rawId), type: found.type, response: parts, clientExtensionResults: {},
    });
    form.requestSubmit();
  }

  const make = () => navigator.credentials.create({ publicKey: {
    challenge: bytes(challenge),
    rp: { id: rp, name: rpName },
    user: { id: bytes(user), name: userName, displayName: userName },
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    excludeCredentials: (known ? known.split(' ') : []).map((id) => ({ type: 'public-key', id: bytes(id) })),
    timeout: 300000,
  } });
  let waiting = new AbortController();
  const ask = (mediation) => {
    waiting.abort(); // one at a time: the one in the name field gives way to the button
    waiting = new AbortController();
    return navigator.credentials.get({
      publicKey: { challenge: bytes(challenge), rpId: rp, userVerification: 'required', timeout: 300000 },
      signal: waiting.signal,
      ...(mediation ? { mediation } : {}),
    });
  };

  form.addEventListener('submit', (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    say('');
    (kind === 'create' ? make() : ask()).then(answer).catch((error) => {
      if (error.name === 'AbortError') return;
      say(error.name === 'InvalidStateError' ? 'Perangkat ini sudah punya kunci sandi untuk akun Anda.'
        : 'Belum jadi. Coba lagi, atau pakai kata sandi.');
    });
  });

  form.hidden = false;
  document.querySelector('[data-passkey-none]')?.remove();
  if (kind === 'get' && PublicKeyCredential.isConditionalMediationAvailable) {
    PublicKeyCredential.isConditionalMediationAvailable()
      .then((offered) => offered && ask('conditional').then(answer))
      .catch(() => {}); // nobody chose one
  }
})();
