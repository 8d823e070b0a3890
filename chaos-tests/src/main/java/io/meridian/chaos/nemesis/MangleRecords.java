package io.meridian.chaos.nemesis;

import io.meridian.chaos.proxy.Link;
import io.meridian.chaos.proxy.Network;
import io.meridian.chaos.region.Region;
import io.meridian.chaos.region.Regions;
import io.meridian.chaos.relay.Disorder;
import io.meridian.chaos.relay.Odds;
import io.meridian.chaos.relay.Relay;
import io.meridian.chaos.relay.Tally;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * What regions stream to each other comes twice, out of order, and again in later streams, and calls come twice. Connections are reset and go by a
 * {@link Relay} from then on; in half of the cases they are reset again and go straight when it heals. In a lane of its own: the other faults of the
 * network are at work before the relay.
 */
final class MangleRecords implements Nemesis {
    private static final double LEAST = 0.05;
    private static final double MORE = 0.2;
    private static final double MADE_TWICE = 0.3;

    @Override
    public String name() {
        return "mangle-records";
    }

    @Override
    public Lane lane() {
        return Lane.RECORDS;
    }

    @Override
    public Fault start(Regions regions, Random random) throws IOException {
        Network network = regions.network();
        Region region = Nemesis.any(regions, random);
        boolean all = random.nextBoolean();
        Odds odds = new Odds(likely(random), likely(random), likely(random), MADE_TWICE);
        Mangling mangling = new Mangling(all ? "all regions" : region.name(), odds, random.nextBoolean());
        for (Region from : regions.all()) {
            for (Region to : regions.all()) {
                if (from != to && (all || from == region || to == region)) {
                    mangling.add(from, to, network, random.nextLong());
                }
            }
        }
        return mangling;
    }

    private static double likely(Random random) {
        return LEAST + MORE * random.nextDouble();
    }

    private static final class Mangling implements Fault {
        private record Detour(Link link, Disorder disorder) {}

        private final String whose;
        private final Odds odds;
        /** Connections live on when it heals: whoever believed something wrong has to notice it without a new stream. */
        private final boolean quietEnd;

        private final List<Detour> detours = new ArrayList<>();
        private final Set<String> regions = new TreeSet<>();
        private Tally before = Tally.NOTHING;
        private Tally done = Tally.NOTHING;

        Mangling(String whose, Odds odds, boolean quietEnd) {
            this.whose = whose;
            this.odds = odds;
            this.quietEnd = quietEnd;
        }

        void add(Region from, Region to, Network network, long seed) throws IOException {
            Link link = network.link(from.name(), to.name());
            Relay relay = network.relay(from.name(), to.name(), seed);
            before = before.plus(relay.disorder().tally());
            detours.add(new Detour(link, relay.disorder()));
            regions.add(from.name());
            regions.add(to.name());
            relay.disorder().odds(odds);
            link.goBy(relay.port());
        }

        @Override
        public String what() {
            return "of what goes to and from %s %.0f %% comes twice, %.0f %% late, %.0f %% again in later streams, and %.0f %% of calls twice; connections %s at the end"
                    .formatted(
                            whose,
                            100 * odds.doubled(),
                            100 * odds.heldBack(),
                            100 * odds.replayed(),
                            100 * odds.madeTwice(),
                            quietEnd ? "live on" : "are reset");
        }

        @Override
        public Set<String> regions() {
            return Set.copyOf(regions);
        }

        @Override
        public Map<String, Long> counts() {
            return done.byName();
        }

        private Tally soFar() {
            Tally sum = Tally.NOTHING;
            for (Detour detour : detours) {
                sum = sum.plus(detour.disorder().tally());
            }
            return sum.minus(before);
        }

        @Override
        public void heal() {
            for (Detour detour : detours) {
                detour.disorder().odds(Odds.NONE);
                if (!quietEnd) {
                    detour.link().goStraight();
                }
            }
            done = soFar();
        }
    }
}
