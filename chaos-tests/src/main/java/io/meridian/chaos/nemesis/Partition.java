package io.meridian.chaos.nemesis;

import io.meridian.chaos.proxy.Wires;
import io.meridian.chaos.region.Regions;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Bytes do not get through, and nobody is told. When the fault heals they are delivered, or, in a third of the cases, were lost for good
 * and the connections are reset. In namespaces packets are lost, and TCP sends again.
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
    public Fault start(Regions regions, Random random) throws IOException, InterruptedException {
        List<String> order = Nemesis.shuffled(regions, random);
        Wires wires = regions.wires();
        boolean lost = random.nextDouble() < LOST;
        String first = order.get(0);
        String second = order.get(1);
        String third = order.get(2);
        String how = ", " + wires.fate(lost);
        return switch (shape) {
            case ISOLATE -> {
                for (String other : List.of(second, third)) {
                    wires.stop(first, other, lost);
                    wires.stop(other, first, lost);
                }
                yield new Simple(first + " is cut off from all others" + how, Set.of(first), wires::heal);
            }
            case CUT -> {
                wires.stop(first, second, lost);
                wires.stop(second, first, lost);
                yield new Simple(
                        first + " and " + second + " are cut off from each other" + how,
                        Set.of(first, second),
                        wires::heal);
            }
            case ONE_WAY -> {
                wires.stop(first, second, lost);
                yield new Simple(
                        "nothing from " + first + " reaches " + second + how, Set.of(first, second), wires::heal);
            }
        };
    }
}
