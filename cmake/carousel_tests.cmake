# carousel_tests(TARGET PREFIX TIMEOUT): makes ctest run the GoogleTest program, under names that begin with PREFIX.
#
# A process for every test, so that each begins anew and none takes others with it. Under a sanitizer a process takes
# a second to begin, thirty times what most tests take: there a process runs every eighth test, from the first, the
# second, ... on, and has half an hour.
function(carousel_tests target prefix timeout)
  if(NOT CAROUSEL_SANITIZE)
    gtest_discover_tests(${target} TEST_PREFIX "${prefix}." DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT ${timeout})
    return()
  endif()
  set(processes 8)
  foreach(index RANGE 1 ${processes})
    math(EXPR shard "${index} - 1")
    add_test(NAME ${prefix}.${index}_of_${processes} COMMAND ${target} --gtest_brief=1)
    set_tests_properties(${prefix}.${index}_of_${processes} PROPERTIES TIMEOUT 1800 ENVIRONMENT
                         "GTEST_TOTAL_SHARDS=${processes};GTEST_SHARD_INDEX=${shard}")
  endforeach()
endfunction()
