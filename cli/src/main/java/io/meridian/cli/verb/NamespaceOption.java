package io.meridian.cli.verb;

import picocli.CommandLine.Option;

/** The namespace of objects that name none. */
final class NamespaceOption {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "The namespace; ${DEFAULT-VALUE} if not given.")
    String namespace = "default";
}
