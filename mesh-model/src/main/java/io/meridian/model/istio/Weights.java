package io.meridian.model.istio;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The weights of one route. As Istio: negative ones are refused, and so is a sum of 0 over several destinations; any other sum is taken as
 * proportions, of which we warn when it is not 100, because it is seldom meant.
 */
final class Weights {
    private Weights() {}

    static int parse(FieldReader in) {
        OptionalInt weight = in.integer("weight", 0, Integer.MAX_VALUE);
        return weight.orElse(0);
    }

    static void check(FieldReader in, List<Destination> destinations, List<Integer> weights) {
        if (destinations.size() < 2) {
            return;
        }
        long sum = weights.stream().mapToLong(Integer::longValue).sum();
        if (sum == 0) {
            in.error(
                    "route",
                    "the weights of its " + weights.size()
                            + " destinations sum to 0: give at least one of them a weight above 0");
        } else if (sum > Integer.MAX_VALUE) {
            in.error("route", "the weights sum to " + sum + ", at most " + Integer.MAX_VALUE + " is allowed");
        } else if (sum != 100) {
            in.warning(
                    "route",
                    "the weights sum to " + sum + ", not 100, and are taken as proportions: "
                            + shares(destinations, weights, sum));
        }
    }

    private static String shares(List<Destination> destinations, List<Integer> weights, long sum) {
        List<String> shares = new ArrayList<>();
        for (int i = 0; i < destinations.size(); i++) {
            Destination to = destinations.get(i);
            String name = to.host() + to.subset().map(subset -> " " + subset).orElse("");
            shares.add(String.format(Locale.ROOT, "%s %.1f %%", name, 100.0 * weights.get(i) / sum));
        }
        return String.join(", ", shares);
    }
}
