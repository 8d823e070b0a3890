package io.meridian.chaos.check;

import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Head;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * I4. A region's head of a mesh, as it was seen one time after the other, never goes back: its epoch never falls, and its seq falls only
 * where the epoch rises. A region whose disk was put back by a nemesis between two looks is excused from these two.
 */
final class HeadsNeverGoBack implements Rule {
    private record Place(String region, String mesh) {}

    @Override
    public Verdict judge(Evidence evidence) {
        Recorded history = evidence.history();
        Restores restores = new Restores(history);
        List<String> violations = new ArrayList<>();
        Map<Place, Head> last = new HashMap<>();
        for (Head head : history.heads()) {
            Head before = last.put(new Place(head.region(), head.mesh()), head);
            if (before != null
                    && head.position().compareTo(before.position()) < 0
                    && !restores.wentBack(head.region(), before.time(), head.time())) {
                violations.add(head.region() + " had " + head.mesh() + " up to " + before.position()
                        + ", and later only up to " + head.position() + ", at " + head.time() / 1_000_000 + " ms");
            }
        }
        return new Verdict("I4", "no region's head goes back", history.heads().size() + " heads seen", violations);
    }
}
