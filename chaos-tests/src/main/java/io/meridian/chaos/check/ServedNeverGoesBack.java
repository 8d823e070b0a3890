package io.meridian.chaos.check;

import io.meridian.chaos.history.Position;
import io.meridian.chaos.history.Recorded;
import io.meridian.chaos.history.Recorded.Served;
import io.meridian.chaos.history.Recorded.Write;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;

/**
 * I10. What a gateway serves of a mesh is always a state that the mesh had, and the positions of these states never go back: the epoch never
 * falls, and the seq falls only where the epoch rises. In the end it is the state at the head. Positions are not taken from the gateway's
 * word: each write sets a value that was never there before, so the values that a proxy was served tell where in the log they belong.
 *
 * <p>Excused (and counted): a gateway goes back while the disk of the region that feeds it does; and it served a state that no log has, but
 * that disk may have had before it went back.
 */
final class ServedNeverGoesBack implements Rule {
    private record Place(String gateway, String mesh) {}

    @Override
    public Verdict judge(Evidence evidence) {
        Judgement judgement = new Judgement(evidence);
        evidence.history().served().forEach(judgement::take);
        judgement.end();
        return judgement.verdict();
    }

    private static final class Judgement {
        private final Evidence evidence;
        private final Recorded history;
        private final Restores restores;
        private final Map<String, EveryState> states = new HashMap<>();
        /** By value: when it was first asked to be written. */
        private final Map<Long, Long> called = new HashMap<>();

        /** The first that had what was served last: a gateway may tell it again, to a proxy that comes back, after the disk of its region went back. */
        private final Map<Place, Served> lastNews = new HashMap<>();

        private final Map<Place, Position> lastPosition = new HashMap<>();
        private final List<String> violations = new ArrayList<>();
        private int forgotten;
        private int wentBack;

        private Judgement(Evidence evidence) {
            this.evidence = evidence;
            history = evidence.history();
            restores = new Restores(history);
            evidence.meshes().forEach((name, mesh) -> states.put(name, EveryState.of(mesh)));
            for (Write write : history.writes()) {
                called.putIfAbsent(write.value(), write.invoked());
            }
        }

        private void take(Served served) {
            Place place = new Place(served.gateway(), served.mesh());
            Served before = lastNews.get(place);
            if (before == null || !before.values().equals(served.values())) {
                lastNews.put(place, served);
            }
            NavigableSet<Position> positions = positions(served);
            Position last = lastPosition.get(place);
            if (positions.isEmpty()) {
                unknown(served);
                return;
            }
            Position next = last == null ? positions.first() : positions.ceiling(last);
            if (next == null) {
                next = positions.last();
                if (before != null && isOfAnOlderDisk(served, before)) {
                    wentBack++;
                } else {
                    violations.add(told(served) + " the state at " + next + ", after that at " + last);
                }
            }
            lastPosition.put(place, next);
        }

        /**
         * The disk went back since that was first served; or before, while the gateway was down: what it served since is out of its own copy, where it
         * was before the disk went back.
         */
        private boolean isOfAnOlderDisk(Served served, Served before) {
            if (restores.wentBack(region(served), before.time(), served.time())) {
                return true;
            }
            long written = called.getOrDefault(newest(before.values().values()), 0L);
            return history.faults().stream()
                    .filter(fault -> fault.nemesis().equals("gateway-kill")
                            && fault.phase().equals("start")
                            && fault.what().endsWith(" " + served.gateway())
                            && fault.time() <= before.time())
                    .anyMatch(kill -> restores.wentBack(region(served), Math.max(written, kill.time()), before.time()));
        }

        private void unknown(Served served) {
            long newest = newest(served.values().values());
            if (restores.mayHaveForgotten(region(served), called.getOrDefault(newest, 0L), served.time())) {
                forgotten++;
            } else {
                violations.add(told(served) + " " + new TreeMap<>(served.values()) + ", which the mesh never was");
            }
        }

        private String region(Served served) {
            return history.run().gateways().getOrDefault(served.gateway(), "");
        }

        private static long newest(Collection<Long> values) {
            return values.stream().mapToLong(Long::longValue).max().orElse(0);
        }

        private NavigableSet<Position> positions(Served served) {
            EveryState ofMesh = states.get(served.mesh());
            if (ofMesh == null) {
                throw new IllegalArgumentException("the history names mesh " + served.mesh() + ", which was not run");
            }
            return ofMesh.of(served.values());
        }

        private void end() {
            for (String gateway : history.run().gateways().keySet()) {
                for (Evidence.OfMesh mesh : evidence.meshes().values()) {
                    Served last = lastNews.get(new Place(gateway, mesh.name()));
                    Position head = mesh.current().head();
                    if (last == null) {
                        violations.add(gateway + " never served " + mesh.name());
                    } else if (!positions(last).contains(head)) {
                        violations.add(gateway + " served " + mesh.name() + " last as it was at "
                                + lastPosition.get(new Place(gateway, mesh.name())) + ", where the head is " + head);
                    }
                }
            }
        }

        private Verdict verdict() {
            return new Verdict(
                    "I10",
                    "what a gateway serves does not go back",
                    history.served().size() + " states served by "
                            + history.run().gateways().size() + " gateways, of which " + forgotten
                            + " were on a disk that was put back only; " + wentBack
                            + " times back with the region's disk",
                    violations);
        }

        private static String told(Served served) {
            return served.gateway() + ", at " + served.time() / 1_000_000 + " ms, served of " + served.mesh();
        }
    }
}
