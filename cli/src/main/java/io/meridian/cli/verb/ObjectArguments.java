package io.meridian.cli.verb;

import io.meridian.api.type.v1.ResourceKey;
import io.meridian.cli.exit.CliFailure;
import java.util.List;

/** "KIND NAME NAME ..." or "KIND/NAME KIND/NAME ..." of get, delete and rollback. */
final class ObjectArguments {
    private ObjectArguments() {}

    /** Empty for a KIND without a name. */
    static List<ResourceKey> keys(List<String> arguments, String namespace) {
        if (arguments.isEmpty()) {
            return List.of();
        }
        if (arguments.getFirst().contains("/")) {
            return arguments.stream()
                    .map(text -> Kinds.slashed(text, namespace))
                    .toList();
        }
        for (String name : arguments) {
            if (name.contains("/")) {
                throw CliFailure.usage("\"" + name + "\": either KIND NAME or KIND/NAME, not both");
            }
        }
        return arguments.stream()
                .skip(1)
                .map(name -> Kinds.key(arguments.getFirst(), namespace, name))
                .toList();
    }
}
