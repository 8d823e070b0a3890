package io.meridian.chaos.check;

import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * I4. A region's head of a mesh, as it was seen one time after the other, never goes back: its epoch never falls, and its seq falls only
 * where the epoch rises.
 *
 * <p>Excused are a region whose disk was put back between two looks; and (counted) one that is on its way over: what it had was given up for a branch of a
 * later epoch, which another region was seen in before, and that branch goes on from an earlier epoch. It stands on that branch then.
 */
final class HeadsNeverGoBack implements Rule {
    private record Place(String region, String mesh) {}

    @Override
    public Verdict judge(Evidence evidence) {
        Recorded history = evidence.history();
        Restores restores = new Restores(history);
        List<String> violations = new ArrayList<>();
        Map<Place, Head> last = new HashMap<>();
        int onTheirWay = 0;
        for (Head head : history.heads()) {
            Head before = last.put(new Place(head.region(), head.mesh()), head);
            if (before == null
                    || head.position().compareTo(before.position()) >= 0
                    || restores.wentBack(head.region(), before.time(), head.time())) {
                continue;
            }
            if (isOnItsWay(evidence, before, head)) {
                onTheirWay++;
            } else {
                violations.add(head.region() + " had " + head.mesh() + " up to " + before.position()
                        + ", and later only up to " + head.position() + ", at " + head.time() / 1_000_000 + " ms");
            }
        }
        return new Verdict(
                "I4",
                "no region's head goes back",
                history.heads().size() + " heads seen, " + onTheirWay
                        + " of them on the way to the branch of a later epoch",
                violations);
    }

    private static boolean isOnItsWay(Evidence evidence, Head before, Head head) {
        MeshLog current = evidence.mesh(head.mesh()).current();
        return !current.holds(before.position())
                && current.holds(head.position())
                && evidence.history().heads().stream()
                        .anyMatch(other -> other.mesh().equals(head.mesh())
                                && other.time() < head.time()
                                && !other.region().equals(head.region())
                                && other.position().epoch() > before.position().epoch()
                                && current.holds(other.position().epoch()));
    }
}
