package io.meridian.chaos.simulation;

import com.google.protobuf.util.Durations;
import io.meridian.api.type.v1.Durability;
import io.meridian.api.type.v1.MeshSpec;
import io.meridian.api.type.v1.MeshSpec.DivergencePolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a seed stands for: which regions there are, how the mesh is set, how bad the network is, and what happens when. Only the kinds of trouble that a
 * seed picks happen in it, so that some runs are rough in one way and calm in all others.
 *
 * @param regions that keep events
 * @param witness whether there is a witness besides
 * @param reserve whether there is a region besides that is no member until it joins
 * @param faultsEndMillis from then on nothing goes wrong
 * @param actions in the order of their times
 */
record Scenario(
        long seed,
        int regions,
        boolean witness,
        boolean reserve,
        MeshSpec spec,
        Network.Quality network,
        long faultsEndMillis,
        List<Action> actions) {
    private static final long QUIET_MILLIS = 1_500;

    Scenario {
        actions = List.copyOf(actions);
    }

    static Scenario of(long seed) {
        return of(seed, false);
    }

    /** {@code oldDisks}: also in seeds that change members a disk may go back to an older copy. */
    static Scenario of(long seed, boolean oldDisks) {
        return new Draw(seed).scenario(oldDisks);
    }

    Scenario with(List<Action> others) {
        return new Scenario(seed, regions, witness, reserve, spec, network, faultsEndMillis, others);
    }

    int voters() {
        return regions + (witness ? 1 : 0);
    }

    /** Voters, and who may become one. */
    int members() {
        return voters() + (reserve ? 1 : 0);
    }

    int syncReplicas() {
        return spec.getDurability().getSyncReplicas();
    }

    boolean automatic() {
        return spec.getFailover().getAutomatic() && voters() >= 3;
    }

    long leaseMillis() {
        return spec.getFailover().hasLease()
                ? Durations.toMillis(spec.getFailover().getLease())
                : 10_000;
    }

    String summary() {
        return regions + " regions" + (witness ? " and a witness" : "") + (reserve ? ", one in reserve" : "") + ", "
                + (syncReplicas() == 0 ? "LOCAL" : "SYNC(" + syncReplicas() + ")")
                + (automatic() ? ", automatic failover, lease " + leaseMillis() + " ms" : "") + ", "
                + spec.getFailover().getDivergencePolicy() + ", faults until " + faultsEndMillis + " ms, loss "
                + network.loss();
    }

    /** Draws changes of members, by dice of their own: seeds without any stay as they were. */
    private static final class Changes {
        private static final int NONE = -1;

        private final SplittableRandom random;
        /** Its own, too. */
        private final SplittableRandom disks;

        private final int regions;
        private final int voters;
        private final long endMillis;
        private final List<Action> actions;
        private int number;

        Changes(long seed, int regions, int voters, long endMillis, List<Action> actions) {
            random = new SplittableRandom(seed ^ 0x6D656D62L);
            disks = new SplittableRandom(seed ^ 0x6469736BL);
            this.regions = regions;
            this.voters = voters;
            this.endMillis = endMillis;
            this.actions = actions;
        }

        /** Whether there is a region in reserve. */
        boolean draw(boolean oldDisks) {
            if (random.nextInt(3) != 0) {
                return false;
            }
            actions.removeIf(Action.Restore.class::isInstance);
            if (oldDisks) {
                restore();
            }
            if (random.nextBoolean()) {
                replacement();
            } else {
                for (int left = random.nextInt(3, 14); left > 0; left--) {
                    change(
                            random.nextLong(QUIET_MILLIS, endMillis),
                            random.nextInt(voters + 1),
                            random.nextBoolean(),
                            NONE);
                }
            }
            return true;
        }

        /** In some of them a disk goes back to an older copy, perhaps that of the region in reserve: who votes may be forgotten with it. Not of a pair. */
        private void restore() {
            if (voters < 3 || disks.nextInt(3) != 0) {
                return;
            }
            int place = disks.nextInt(regions + 1);
            actions.add(new Action.Restore(
                    disks.nextLong(QUIET_MILLIS, endMillis),
                    place == regions ? voters : place,
                    disks.nextDouble(),
                    disks.nextLong(50, 4_000)));
        }

        /** A region is gone until faults are over; the one in reserve takes its place, as operators try it again and again. */
        private void replacement() {
            int lost = random.nextInt(regions);
            long from = random.nextLong(QUIET_MILLIS, endMillis / 2);
            actions.add(new Action.Crash(from, lost, endMillis));
            long at = from + random.nextLong(200, 4_000);
            for (int tries = random.nextInt(1, 4); tries > 0; tries--) {
                if (regions > 1) {
                    int to = (lost + 1 + random.nextInt(regions - 1)) % regions;
                    actions.add(new Action.Failover(at + random.nextLong(3_000), to, false));
                }
                change(at + random.nextLong(4_000), voters, true, lost);
                change(at + random.nextLong(2_000, 7_000), lost, false, lost);
                at += random.nextLong(1_000, 6_000);
            }
        }

        private void change(long atMillis, int member, boolean joins, int lost) {
            int region = random.nextInt(regions);
            int asked = region == lost ? (region + 1) % regions : region;
            number++;
            actions.add(
                    joins
                            ? new Action.Join(atMillis, number, asked, member)
                            : new Action.Leave(atMillis, number, asked, member));
        }
    }

    /** Draws one. */
    private static final class Draw {
        private final long seed;
        private final SplittableRandom random;
        private final List<Action> actions = new ArrayList<>();
        private final long endMillis;
        private final int regions;
        private final int members;

        Draw(long seed) {
            this.seed = seed;
            random = new SplittableRandom(seed);
            endMillis = random.nextLong(12_000, 40_000);
            regions = pick(3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 4, 5);
            members = regions + (random.nextInt(regions == 2 ? 2 : 12) == 0 ? 1 : 0);
        }

        private int pick(int... choices) {
            return choices[random.nextInt(choices.length)];
        }

        private long time() {
            return random.nextLong(QUIET_MILLIS, endMillis);
        }

        private boolean chance(double share) {
            return random.nextDouble() < share;
        }

        Scenario scenario(boolean oldDisks) {
            MeshSpec spec = spec();
            people();
            faults();
            boolean reserve = new Changes(seed, regions, members, endMillis, actions).draw(oldDisks);
            actions.sort(Comparator.comparingLong(Action::atMillis));
            return new Scenario(seed, regions, members > regions, reserve, spec, network(), endMillis, actions);
        }

        private MeshSpec spec() {
            MeshSpec.Failover.Builder failover = MeshSpec.Failover.newBuilder()
                    .setDivergencePolicy(
                            switch (random.nextInt(4)) {
                                case 0 -> DivergencePolicy.DISCARD;
                                case 1 -> DivergencePolicy.REAPPLY_NON_CONFLICTING;
                                default -> DivergencePolicy.MANUAL;
                            });
            if (members >= 3 && chance(0.35)) {
                failover.setAutomatic(true).setLease(Durations.fromMillis(random.nextLong(3_000, 6_000)));
            }
            int replicas = chance(0.5) ? 0 : Math.min(pick(1, 1, 2), regions - 1);
            return MeshSpec.newBuilder()
                    .setFailover(failover)
                    .setDurability(Durability.newBuilder().setSyncReplicas(replicas))
                    .build();
        }

        private Network.Quality network() {
            return switch (random.nextInt(4)) {
                case 0 -> new Network.Quality(0, 0, 1, 40, 0, 40);
                case 1 -> new Network.Quality(0.01, 0.02, 1, 60, 0.02, 800);
                case 2 -> new Network.Quality(0.05, 0.05, 1, 100, 0.05, 2_000);
                default -> new Network.Quality(0.2, 0.1, 1, 200, 0.1, 4_000);
            };
        }

        private void people() {
            int commands = random.nextInt(20, 60);
            for (int number = 1; number <= commands; number++) {
                actions.add(new Action.Command(time(), number, random.nextInt(regions), random.nextInt(100)));
            }
            for (int reads = random.nextInt(3, 15); reads > 0; reads--) {
                actions.add(new Action.Read(time(), random.nextInt(regions)));
            }
            if (chance(0.4)) {
                for (int left = random.nextInt(1, 5); left > 0; left--) {
                    actions.add(new Action.Handover(time(), random.nextInt(regions)));
                }
            }
            if (chance(0.6)) {
                boolean waived = chance(0.2);
                for (int left = random.nextInt(1, 4); left > 0; left--) {
                    long at = time();
                    actions.add(new Action.Failover(at, random.nextInt(regions), waived && chance(0.5)));
                    if (chance(0.25)) {
                        actions.add(new Action.Failover(
                                at + random.nextLong(0, 300), random.nextInt(regions), waived && chance(0.5)));
                    }
                }
            }
        }

        private void faults() {
            if (chance(0.5)) {
                for (int left = random.nextInt(1, 6); left > 0; left--) {
                    actions.add(new Action.Crash(time(), random.nextInt(members), length(6_000)));
                }
            }
            if (chance(0.35)) {
                for (int left = random.nextInt(1, 4); left > 0; left--) {
                    actions.add(new Action.Pause(time(), random.nextInt(members), length(12_000)));
                }
            }
            if (chance(0.6)) {
                for (int left = random.nextInt(1, 5); left > 0; left--) {
                    actions.add(new Action.Partition(
                            time(), random.nextInt(1, (1 << members) - 1), chance(0.3), length(12_000)));
                }
            }
            if (chance(0.2)) {
                isolation();
            }
            if (chance(0.15)) {
                for (int left = random.nextInt(1, 4); left > 0; left--) {
                    actions.add(new Action.JournalFailure(time(), random.nextInt(regions)));
                }
            }
            if (members >= 3 && chance(0.12)) {
                actions.add(new Action.Restore(
                        time(), random.nextInt(regions), random.nextDouble(), random.nextLong(50, 4_000)));
            }
            if (chance(0.3)) {
                for (int left = random.nextInt(1, 4); left > 0; left--) {
                    actions.add(new Action.WallClockJump(
                            time(), random.nextInt(members), random.nextLong(-3_600_000, 3_600_000)));
                }
            }
        }

        /** A region is alone for longer than most leases, clients go on to write there, and its wall clock goes back. */
        private void isolation() {
            int alone = random.nextInt(regions);
            long from = time();
            actions.add(new Action.WallClockJump(from + 10, alone, -random.nextLong(2_000, 600_000)));
            actions.add(new Action.Partition(from, 1 << alone, false, random.nextLong(6_000, 20_000)));
            for (int number = 1; number <= 8; number++) {
                actions.add(
                        new Action.Command(from + random.nextLong(15_000), 1_000 + number, alone, random.nextInt(100)));
                actions.add(new Action.Command(
                        from + random.nextLong(15_000), 2_000 + number, (alone + 1) % regions, random.nextInt(100)));
            }
        }

        /** Mostly short. */
        private long length(long mostMillis) {
            return random.nextLong(50, chance(0.5) ? mostMillis : mostMillis / 6);
        }
    }
}
