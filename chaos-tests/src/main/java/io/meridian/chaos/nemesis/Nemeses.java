package io.meridian.chaos.nemesis;

import io.meridian.chaos.nemesis.Partition.Shape;
import io.meridian.chaos.proxy.Link.Door;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All kinds of faults, by name. */
public final class Nemeses {
    private static final Map<String, Nemesis> ALL = new TreeMap<>();

    static {
        for (Nemesis nemesis : List.of(
                new Kill(false),
                new Kill(true),
                new Pause(),
                new DiskFull(),
                new SlowDisk(),
                new RestoreOld(),
                new Partition(Shape.ISOLATE),
                new Partition(Shape.CUT),
                new Partition(Shape.ONE_WAY),
                new Slow(false),
                new Slow(true),
                new Resets(),
                new BadDoor(Door.REFUSE),
                new BadDoor(Door.HALF_OPEN),
                new GatewayKill(),
                new MangleRecords())) {
            ALL.put(nemesis.name(), nemesis);
        }
    }

    private Nemeses() {}

    /**
     * @param names separated by commas; "all" for every one, "none" for none
     * @throws IllegalArgumentException if there is none of a name, with the names that there are
     */
    public static List<Nemesis> parse(String names) {
        return switch (names) {
            case "all" -> List.copyOf(ALL.values());
            case "none", "" -> List.of();
            default ->
                Arrays.stream(names.split(",", -1))
                        .map(String::strip)
                        .map(Nemeses::named)
                        .toList();
        };
    }

    private static Nemesis named(String name) {
        Nemesis nemesis = ALL.get(name);
        if (nemesis == null) {
            throw new IllegalArgumentException(
                    "there is no nemesis \"" + name + "\"; there are " + String.join(", ", ALL.keySet()));
        }
        return nemesis;
    }
}
