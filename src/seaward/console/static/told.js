// What must not be overlooked: sentences over the map that go by themselves, and a sound for what is new and urgent.
import { shown } from "./words.js";

const place = document.getElementById("told");
let audio = null;

export function tell(text, fine = false) {
  const line = document.createElement("p");
  line.textContent = shown(text, 600);
  if (fine) line.className = "fine";
  place.append(line);
  setTimeout(() => line.remove(), fine ? 4000 : 12000);
  while (place.children.length > 3) place.firstChild.remove();
}

export function sound(urgent) {
  if (!document.getElementById("sound").checked) return;
  try {
    audio ??= new AudioContext();
    const tone = audio.createOscillator(), level = audio.createGain();
    tone.frequency.value = urgent ? 880 : 520;
    level.gain.setValueAtTime(0.12, audio.currentTime);
    level.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.6);
    tone.connect(level).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.6);
  } catch { /* no sound here: what is said is also shown */ }
}
