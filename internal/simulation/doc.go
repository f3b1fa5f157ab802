// Package simulation is the proof that no image is lost: it makes a small
// installation from one seed, has pslan plan and apply on it again and again while
// everything goes wrong, and holds the promises P1 to P9 against what truly
// happens.
//
// Its parts:
//
//   - a Scenario is plain data: servers, images, what is declared, the rounds of
//     plan and apply, and the acts of everybody else (faults, a second person, the
//     operator's moods). Generate makes one from a seed.
//   - the gate lets one call through at a time, in an order that the seed draws, so
//     that every interleaving of pslan's workers can come up and none comes by chance.
//   - the stage is a platform in front of the lab that counts calls, has acts happen
//     between any two of them, and makes requests fail, get lost, be ignored or
//     arrive late.
//   - the oracle judges. It reads the bytes on the lab's disks by itself and hashes
//     them by itself, sees every request at the moment it is made, and uses no
//     judgement of pslan's: neither estate.Judge nor plan.Check nor the lab's eyes.
//   - Shrink drops acts, rounds, images and declarations as long as the same promise
//     is still broken.
//
// One seed, one history: the same scenario gives the same History hash. Whether a
// run succeeds does not matter here; that a promise is broken does. What exactly
// counts against pslan stands in docs/safety.md and at the checks themselves.
package simulation
