// Fields keep what is written into them when the page is saved; the chart can be come nearer to. Nothing here is needed to read the page.
for (const field of document.querySelectorAll('input')) field.addEventListener('input', () => field.setAttribute('value', field.value));

for (const box of document.querySelectorAll('.zoom figure')) {
  const svg = box.querySelector('svg');
  const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
  let x = 0, y = 0, near = 1, held = null;
  const show = () => {
    x = Math.min(Math.max(x, 0), width - width / near);
    y = Math.min(Math.max(y, 0), height - height / near);
    svg.setAttribute('viewBox', `${x} ${y} ${width / near} ${height / near}`);
    svg.style.cursor = near > 1 ? 'grab' : '';
    svg.style.touchAction = near > 1 ? 'none' : '';
  };
  const come = factor => {
    const next = Math.min(Math.max(near * factor, 1), 32);
    x += width / near / 2 - width / next / 2;
    y += height / near / 2 - height / next / 2;
    near = next;
    show();
  };
  const controls = document.createElement('div');
  controls.className = 'controls';
  for (const [said, factor] of [['+', 2], ['−', 0.5], ['⤢', 0]]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = said;
    button.ariaLabel = document.body.dataset[{ 2: 'in', 0.5: 'out', 0: 'fit' }[factor]];
    button.title = button.ariaLabel;
    button.addEventListener('click', () => come(factor));
    controls.append(button);
  }
  box.classList.add('zoom-box');
  box.append(controls);
  svg.addEventListener('pointerdown', e => { if (near > 1) { held = [e.clientX, e.clientY]; svg.setPointerCapture(e.pointerId); } });
  svg.addEventListener('pointermove', e => {
    if (!held) return;
    const scale = width / near / svg.clientWidth;
    x -= (e.clientX - held[0]) * scale;
    y -= (e.clientY - held[1]) * scale;
    held = [e.clientX, e.clientY];
    show();
  });
  for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, () => { held = null; });
  addEventListener('beforeprint', () => come(0));
}
