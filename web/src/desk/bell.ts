import { useEffect } from "react";

let audio: AudioContext | undefined;

/** Two short notes, as long as an offer rings. Silent until the person has touched the page: browsers want it so. */
export function useBell(rings: boolean) {
  useEffect(() => {
    if (!rings || !navigator.userActivation?.hasBeenActive) return;
    audio ??= new AudioContext();
    const strike = () => {
      const { currentTime: at } = audio!;
      [880, 1174.7].forEach((pitch, index) => {
        const tone = audio!.createOscillator();
        const level = audio!.createGain();
        tone.frequency.value = pitch;
        level.gain.setValueAtTime(0.0001, at + index * 0.18);
        level.gain.exponentialRampToValueAtTime(0.18, at + index * 0.18 + 0.02);
        level.gain.exponentialRampToValueAtTime(0.0001, at + index * 0.18 + 0.5);
        tone.connect(level).connect(audio!.destination);
        tone.start(at + index * 0.18);
        tone.stop(at + index * 0.18 + 0.6);
      });
    };
    strike();
    const timer = setInterval(strike, 2_500);
    return () => clearInterval(timer);
  }, [rings]);
}
