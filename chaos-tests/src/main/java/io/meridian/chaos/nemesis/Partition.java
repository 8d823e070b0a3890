package io.meridian.chaos.nemesis;

import io.meridian.chaos.proxy.Network;
import io.meridian.chaos.proxy.Traffic;
import io.meridian.chaos.region.Regions;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Bytes do not get through, and nobody is told. When the fault heals they are delivered, or, in a third of the cases, were lost for good
 * and the connections are reset.
 */
record Partition(Shape shape) implements Nemesis {
    enum Shape {
        /** One region from the two others. */
        ISOLATE("isolate"),
        /** Two regions from each other; both reach the third. */
        CUT("cut"),
        /** What one region sends to another does not arrive; the other way is open. */
        ONE_WAY("one-way");

        private final String text;

        Shape(String text) {
            this.text = text;
        }
    }

    private static final double LOST = 1 / 3.0;

    @Override
    public String name() {
        return shape.text;
    }

    @Override
    public Lane lane() {
        return Lane.NETWORK;
    }

    @Override
    public Fault start(Regions regions, Random random) {
        List<String> order = Nemesis.shuffled(regions, random);
        Network network = regions.network();
        boolean lost = random.nextDouble() < LOST;
        Traffic traffic = lost ? Traffic.SWALLOWED : Traffic.HELD;
        String first = order.get(0);
        String second = order.get(1);
        String third = order.get(2);
        String how = lost ? ", bytes are lost" : ", bytes wait";
        return switch (shape) {
            case ISOLATE -> {
                for (String other : List.of(second, third)) {
                    network.traffic(first, other, traffic);
                    network.traffic(other, first, traffic);
                }
                yield new Simple(first + " is cut off from all others" + how, Set.of(first), network::heal);
            }
            case CUT -> {
                network.traffic(first, second, traffic);
                network.traffic(second, first, traffic);
                yield new Simple(
                        first + " and " + second + " are cut off from each other" + how,
                        Set.of(first, second),
                        network::heal);
            }
            case ONE_WAY -> {
                network.traffic(first, second, traffic);
                yield new Simple(
                        "nothing from " + first + " reaches " + second + how, Set.of(first, second), network::heal);
            }
        };
    }
}
