package io.meridian.chaos;

import io.meridian.chaos.nemesis.Nemesis;
import io.meridian.chaos.region.Regions.Between;
import io.meridian.chaos.region.Regions.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What is to be run.
 *
 * @param root the repository, with a staged build
 * @param history the file to write; beside it FILE.d gets the regions' logs and what was read of them
 * @param length of the part with faults; starting, settling and judging come on top
 * @param seed of the schedule and of what clients choose; the run itself is not repeatable to the letter, processes are not
 * @param kind what the regions are; containers not in namespaces
 * @param between what is between the regions
 * @param heap of each region, for example 192m
 * @param writers clients that write, each one write at a time, each to one mesh; the meshes take turns
 * @param readers clients that read
 * @param pause of a client between two operations
 */
public record Settings(
        Path root,
        Path history,
        Duration length,
        long seed,
        List<Nemesis> nemeses,
        Durability durability,
        Moves moves,
        Kind kind,
        Between between,
        String heap,
        int writers,
        int readers,
        Duration pause) {
    public Settings {
        nemeses = List.copyOf(nemeses);
        if (kind == Kind.CONTAINERS && between == Between.NAMESPACES) {
            throw new IllegalArgumentException(
                    "regions are either in containers or in network namespaces: it takes network proxies");
        }
    }

    /** @throws IllegalArgumentException for another word than processes or containers */
    static Kind kind(String text) {
        return switch (text) {
            case "processes" -> Kind.PROCESSES;
            case "containers" -> Kind.CONTAINERS;
            default -> throw new IllegalArgumentException("regions are processes or containers, not \"" + text + "\"");
        };
    }

    /** @throws IllegalArgumentException for another word than proxies or namespaces */
    static Between between(String text) {
        return switch (text) {
            case "proxies" -> Between.PROXIES;
            case "namespaces" -> Between.NAMESPACES;
            default -> throw new IllegalArgumentException("network is proxies or namespaces, not \"" + text + "\"");
        };
    }

    /** Which homes move. */
    public enum Moves {
        NONE,
        /** Planned handovers. */
        HANDOVER,
        /** And forced failovers. */
        ALL;

        /** @throws IllegalArgumentException for another word than none, handover or all */
        static Moves parse(String text) {
            return switch (text) {
                case "none" -> NONE;
                case "handover" -> HANDOVER;
                case "all" -> ALL;
                default -> throw new IllegalArgumentException("moves are none, handover or all, not \"" + text + "\"");
            };
        }
    }

    /**
     * How many other regions must hold a write of each mesh before it is acknowledged.
     *
     * @param syncReplicas of the meshes of the three regions, in order
     */
    public record Durability(List<Integer> syncReplicas) {
        public Durability {
            syncReplicas = List.copyOf(syncReplicas);
        }

        /** @param text "local", "sync:K", or "mixed": one mesh sync:1, the others local */
        public static Durability parse(String text) {
            if (text.equals("local")) {
                return new Durability(List.of(0, 0, 0));
            }
            if (text.equals("mixed")) {
                return new Durability(List.of(0, 1, 0));
            }
            if (text.matches("sync:[12]")) {
                int replicas = text.charAt(text.length() - 1) - '0';
                return new Durability(List.of(replicas, replicas, replicas));
            }
            throw new IllegalArgumentException("durability is local, sync:1, sync:2 or mixed, not \"" + text + "\"");
        }
    }

    /** What a run leaves beside its history. */
    public Path folder() {
        return folder(history);
    }

    static Path folder(Path history) {
        return history.resolveSibling(history.getFileName() + ".d");
    }
}
