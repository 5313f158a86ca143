package io.paxos;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNCHRONIZED;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.paxos.protocol.Configuration;
import java.util.Set;

/** Which package may use which: every arrow between packages points down. */
@AnalyzeClasses(packages = "io.paxos", importOptions = ImportOption.DoNotIncludeTests.class)
class ArrowsTest {
    private static final String ROOT = "io.paxos";
    private static final String SPI = "io.paxos.spi";
    private static final String PROTOCOL = "io.paxos.protocol..";
    private static final String IDENTITY = "io.paxos.identity..";
    private static final String STATE_MACHINE = "io.paxos.statemachine..";
    private static final String VALUE = "io.paxos.value..";
    private static final String EXECUTION = "io.paxos.execution..";
    private static final String TRANSFER = "io.paxos.transfer..";
    private static final String REPLICA = "io.paxos.replica..";
    private static final String LOG = "io.paxos.log..";
    private static final String TRANSPORTS = "io.paxos.transport..";
    private static final String WIRE = "io.paxos.transport.wire..";
    private static final String MEMORY = "io.paxos.testkit.memory..";
    private static final String TRACE = "io.paxos.testkit.trace..";
    private static final String AGRONA = "org.agrona..";
    private static final String SLF4J = "org.slf4j..";

    private static final Set<String> PACKAGES_OF_JAVA_BASE =
            Object.class.getModule().getPackages();
    private static final DescribedPredicate<JavaClass> JAVA_BASE =
            describe("in java.base", type -> PACKAGES_OF_JAVA_BASE.contains(type.getPackageName()));
    private static final DescribedPredicate<JavaClass> VOTERS = describe(
            "members and quorums", type -> type.isEquivalentTo(Members.class) || type.isEquivalentTo(Quorums.class));
    private static final DescribedPredicate<JavaClass> FACADES =
            describe("a facade", type -> isWithin(type, Replica.class) || isWithin(type, SynodReplica.class));

    private static final SliceAssignment OF_THE_PROTOCOL = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(final JavaClass type) {
            return resideInAPackage(PROTOCOL).test(type)
                    ? SliceIdentifier.of(outermost(type).getSimpleName())
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "classes of the protocol";
        }
    };

    private static JavaClass outermost(final JavaClass type) {
        return type.getEnclosingClass().map(ArrowsTest::outermost).orElse(type);
    }

    private static boolean isWithin(final JavaClass type, final Class<?> outer) {
        return type.getName().equals(outer.getName()) || type.getName().startsWith(outer.getName() + "$");
    }

    @ArchTest
    static final ArchRule spi_is_the_ground = seesOnly(SPI, AGRONA);

    @ArchTest
    static final ArchRule protocol_sees_the_spi_and_who_votes =
            sees(PROTOCOL, VOTERS.or(resideInAnyPackage(SPI, AGRONA)));

    @ArchTest
    static final ArchRule identity_sees_the_configuration_and_the_spi =
            sees(IDENTITY, VOTERS.or(resideInAnyPackage(SPI, PROTOCOL, AGRONA, SLF4J)));

    /** What users give and take stands alone; only the two facades know what is behind them. */
    @ArchTest
    static final ArchRule what_users_import_stands_alone = classes()
            .that()
            .resideInAPackage(ROOT)
            .and(not(FACADES))
            .should()
            .onlyDependOnClassesThat(
                    JAVA_BASE.or(resideInAPackage(ROOT).and(not(FACADES))).or(resideInAnyPackage(AGRONA)));

    @ArchTest
    static final ArchRule nothing_inside_sees_the_facades = noClasses()
            .that()
            .resideInAnyPackage(
                    SPI, PROTOCOL, IDENTITY, STATE_MACHINE, VALUE, EXECUTION, TRANSFER, REPLICA, LOG, TRANSPORTS)
            .should()
            .dependOnClassesThat(FACADES);

    @ArchTest
    static final ArchRule state_machine_stands_alone = seesOnly(STATE_MACHINE, AGRONA);

    @ArchTest
    static final ArchRule value_sees_what_a_command_is = seesOnly(VALUE, STATE_MACHINE, AGRONA);

    @ArchTest
    static final ArchRule execution_sees_protocol_values_and_state_machine =
            seesOnly(EXECUTION, PROTOCOL, SPI, VALUE, STATE_MACHINE, AGRONA);

    @ArchTest
    static final ArchRule transfer_sees_the_configuration_and_the_spi =
            sees(TRANSFER, VOTERS.or(resideInAnyPackage(SPI, PROTOCOL, AGRONA)));

    @ArchTest
    static final ArchRule replica_brings_them_together = seesOnly(
            REPLICA,
            ROOT,
            SPI,
            PROTOCOL,
            IDENTITY,
            EXECUTION,
            TRANSFER,
            VALUE,
            STATE_MACHINE,
            AGRONA,
            "org.jctools..",
            SLF4J);

    @ArchTest
    static final ArchRule log_sees_the_spi = seesOnly(LOG, SPI, AGRONA, "net.openhft..", SLF4J);

    @ArchTest
    static final ArchRule wire_sees_the_spi = seesOnly(WIRE, SPI, AGRONA);

    @ArchTest
    static final ArchRule inprocess_transport_sees_wire_and_spi =
            seesOnly("io.paxos.transport.inprocess..", WIRE, SPI, AGRONA, SLF4J);

    @ArchTest
    static final ArchRule tcp_transport_sees_wire_spi_and_netty =
            seesOnly("io.paxos.transport.tcp..", WIRE, SPI, AGRONA, "io.netty..", SLF4J);

    @ArchTest
    static final ArchRule checkers_see_nothing = seesOnly("io.paxos.testkit.check..");

    @ArchTest
    static final ArchRule contracts_see_the_core_and_the_diagrams = seesOnly(
            "io.paxos.testkit.contract..",
            SPI,
            STATE_MACHINE,
            ROOT,
            PROTOCOL,
            TRACE,
            MEMORY,
            AGRONA,
            "net.jqwik.api..",
            "java.lang.management"); // the flags of this JVM, for another one

    @ArchTest
    static final ArchRule logs_and_transports_in_memory_see_the_spi = seesOnly(MEMORY, SPI, AGRONA);

    @ArchTest
    static final ArchRule diagrams_see_the_core_and_the_table_of_messages =
            seesOnly(TRACE, ROOT, SPI, PROTOCOL, MEMORY, WIRE, AGRONA);

    @ArchTest
    static final ArchRule log_and_transport_cannot_see_the_protocol = noClasses()
            .that()
            .resideInAnyPackage(LOG, TRANSPORTS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PROTOCOL, EXECUTION, REPLICA);

    @ArchTest
    static final ArchRule protocol_touches_no_file_socket_thread_or_random_source = noClasses()
            .that()
            .resideInAPackage(PROTOCOL)
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "java.io..",
                            "java.net..",
                            "java.nio.file..",
                            "java.nio.channels..",
                            "java.time..",
                            "java.util.concurrent..",
                            "java.util.random..",
                            "java.security..",
                            "org.agrona.concurrent.ringbuffer..",
                            "org.agrona.concurrent.status..")
                    .or(describe(
                            "a thread or a random source",
                            type -> type.isAssignableTo(Thread.class)
                                    || type.isAssignableTo(java.util.Random.class)
                                    || type.isEquivalentTo(ThreadLocal.class))));

    @ArchTest
    static final ArchRule protocol_reads_no_clock = noClasses()
            .that()
            .resideInAPackage(PROTOCOL)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Math.class, "random");

    @ArchTest
    static final ArchRule protocol_takes_no_lock = noMethods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAPackage(PROTOCOL)
            .should()
            .haveModifier(SYNCHRONIZED);

    @ArchTest
    static final ArchRule no_package_sees_itself_through_another =
            slices().matching("io.paxos.(**)").should().beFreeOfCycles();

    /** Nested classes count as part of the class around them. */
    @ArchTest
    static final ArchRule classes_of_the_protocol_make_no_circle =
            slices().assignedFrom(OF_THE_PROTOCOL).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_the_configuration_knows_members_and_quorums = noClasses()
            .that()
            .resideInAPackage(PROTOCOL)
            .and(not(describe("the configuration", type -> type.isEquivalentTo(Configuration.class))))
            .should()
            .dependOnClassesThat(VOTERS);

    private static ArchRule seesOnly(final String home, final String... others) {
        return sees(home, resideInAnyPackage(others));
    }

    /** A rule that finds no class to judge is red: so a renamed package does not lose its guard. */
    private static ArchRule sees(final String home, final DescribedPredicate<JavaClass> others) {
        return classes()
                .that()
                .resideInAPackage(home)
                .should()
                .onlyDependOnClassesThat(JAVA_BASE.or(resideInAnyPackage(home)).or(others));
    }
}
